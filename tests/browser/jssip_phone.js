// JsSIP as a phone. Incoming calls are answered at once.
import JsSIP from 'jssip';
import { moment, received } from './media.js';

const media = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

window.createPhone = async ({ server, uri, password }) => {
  const registered = moment();
  const confirmed = moment();
  const ended = moment();
  let session = null;
  const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri, password });
  const follow = (call) => {
    session = call;
    call.on('confirmed', () => confirmed.say('confirmed'));
    call.on('failed', ({ cause }) => { confirmed.say(`failed: ${cause}`); ended.say('failed'); });
    call.on('ended', ({ originator }) => ended.say(originator));
  };
  ua.on('registered', () => registered.say('registered'));
  ua.on('registrationFailed', ({ cause }) => registered.say(`failed: ${cause}`));
  ua.on('newRTCSession', ({ originator, session: call }) => {
    if (originator !== 'remote') return;
    follow(call);
    call.answer(media);
  });
  ua.start();
  window.phone = {
    registered: () => registered.said,
    call: (target) => { follow(ua.call(target, media)); return confirmed.said; },
    confirmed: () => confirmed.said,
    received: () => received(session.connection),
    hangUp: () => { session.terminate(); return ended.said; },
    ended: () => ended.said,
    stop: () => ua.stop(),
  };
};
