// SIP.js as a phone. Incoming calls are answered at once.
import { Inviter, Registerer, RegistererState, SessionState, UserAgent } from 'sip.js';
import { moment, received } from './media.js';

const options = { sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } } };

window.createPhone = async ({ server, uri, user, password }) => {
  const registered = moment();
  const confirmed = moment();
  const ended = moment();
  let session = null;
  let hungUp = false;
  const follow = (call) => {
    session = call;
    call.stateChange.addListener((state) => {
      if (state === SessionState.Established) confirmed.say('confirmed');
      if (state !== SessionState.Terminated) return;
      confirmed.say('failed');
      ended.say(hungUp ? 'local' : 'remote');
    });
  };
  const agent = new UserAgent({
    uri: UserAgent.makeURI(uri),
    transportOptions: { server },
    authorizationUsername: user,
    authorizationPassword: password,
    sessionDescriptionHandlerFactoryOptions: {
      peerConnectionConfiguration: { iceServers: [] }, iceGatheringTimeout: 500,
    },
    delegate: { onInvite: (call) => { follow(call); call.accept(options); } },
  });
  await agent.start();
  const registerer = new Registerer(agent);
  registerer.stateChange.addListener((state) => {
    if (state === RegistererState.Registered) registered.say('registered');
    if (state === RegistererState.Terminated) registered.say('failed');
  });
  await registerer.register();
  window.phone = {
    registered: () => registered.said,
    call: async (target) => {
      const inviter = new Inviter(agent, UserAgent.makeURI(target), options);
      follow(inviter);
      await inviter.invite();
      return confirmed.said;
    },
    confirmed: () => confirmed.said,
    received: () => received(session.sessionDescriptionHandler.peerConnection),
    hangUp: async () => { hungUp = true; await session.bye(); return ended.said; },
    ended: () => ended.said,
    stop: async () => { await registerer.unregister(); await agent.stop(); },
  };
};
