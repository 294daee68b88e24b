"""What operators expect of a proxy, one SIPp scenario for each feature and failure."""

import unittest

from case import PASSWORDS, OverlayCase
from lab.processes import free_port
from lab.scenario import SDP, Called, Caller
from lab.sipp import Sipp


class SippCase(OverlayCase):
    PEERS = 1

    def start(self, scenario, target=None, user="bob", **options):
        phone = Sipp(scenario.write(self.overlay.directory), self.overlay.directory, user=user,
                     password=PASSWORDS.get(user, "none"), target=target, **options)
        self.addCleanup(phone.__exit__)
        return phone

    def ask(self, scenario, called="bob", through=1, user="alice"):
        """Runs what a caller does, to its end."""
        self.start(scenario, self.peer(through).sip("udp"), user, keys={"called": called}).wait()

    def called(self, scenario, user="bob", at=1, q=None, params=""):
        """A phone that is registered and does what its scenario says."""
        port = free_port()
        contact = f"<sip:{user}@127.0.0.1:{port}{params}>" + (f";q={q}" if q else "")
        registrar = self.phone(user, at)
        self.assertEqual(registrar.register(contact=contact).status, 200)
        self.addCleanup(self.forget, user, at)
        return self.start(scenario, user=user, port=port)


class Features(SippCase):
    PEERS = 2
    PEER_OPTIONS = ("--serial-forking",)

    def test_session_timers_are_passed_on_untouched(self):
        phone = self.called(
            Called("timers_called")
            .expect("INVITE", ("Session-Expires", "^ 120;refresher=uac$"), ("Min-SE", "^ 90$"),
                    ("Supported", "timer"))
            .answer(422, headers=["Min-SE: 3600"]).expect("ACK")
            .expect("INVITE", ("Session-Expires", "^ 3600$"), ("Min-SE", "^ 3600$"))
            .answer(200, headers=["Require: timer", "Session-Expires: 3600;refresher=uas"],
                    body=SDP).expect("ACK")
            .expect("UPDATE", ("Session-Expires", "^ 1800;refresher=uac$"))
            .answer_in_dialog(headers=["Session-Expires: 1800;refresher=uac"])
            .expect("BYE").answer_in_dialog())
        self.ask(
            Caller("timers_caller")
            .ask("INVITE", ["Supported: timer", "Session-Expires: 120;refresher=uac", "Min-SE: 90"])
            .refused(422, ("Min-SE", "^ 3600$"))
            .ask("INVITE", ["Supported: timer", "Session-Expires: 3600", "Min-SE: 3600"])
            .answered(("Session-Expires", "^ 3600;refresher=uas$"), ("Require", "^ timer$"))
            .in_dialog("UPDATE", ["Supported: timer", "Session-Expires: 1800;refresher=uac"])
            .expect(200, ("Session-Expires", "^ 1800;refresher=uac$"))
            .hang_up(), through=2)
        phone.wait()

    def test_requests_without_a_dialog_are_passed_on(self):
        phone = self.called(
            Called("others_called")
            .expect("MESSAGE", (None, "hello")).answer(202)
            .expect("OPTIONS").answer(200, headers=["Allow: INVITE, MESSAGE"])
            .expect("PUBLISH", ("Event", "^ presence$")).answer(200, headers=["SIP-ETag: e1"])
            .expect("INFO").answer(469))
        self.ask(
            Caller("others_caller")
            .ask("MESSAGE", body="hello").expect(202)
            .ask("OPTIONS").expect(200, ("Allow", "MESSAGE"))
            .ask("PUBLISH", ["Event: presence", "Expires: 60"]).expect(200, ("SIP-ETag", "e1"))
            .ask("INFO").expect(469), through=2)
        phone.wait()

    def test_subscriptions_are_passed_on(self):
        phone = self.called(
            Called("subscribe_called").expect("SUBSCRIBE", ("Event", "^ dialog$"))
            .answer(200, headers=["Expires: 60"])
            .expect("SUBSCRIBE", ("Expires", "^ 0$")).answer_in_dialog(headers=["Expires: 0"]))
        self.ask(
            Caller("subscribe_caller").ask("SUBSCRIBE", ["Event: dialog", "Expires: 60"])
            .expect(200).in_dialog("SUBSCRIBE", ["Event: dialog", "Expires: 0"]).expect(200),
            through=2)
        phone.wait()

    def test_lower_q_comes_after_higher_q_has_failed(self):
        first = self.called(Called("q_first").refuse(486), q="0.9")
        second = self.called(Called("q_second").take_call(), at=2, q="0.5")
        third = self.called(Called("q_third").take_call(), q="0.1")
        self.ask(Caller("q_caller").ask("INVITE").answered().hang_up())
        first.wait()
        second.wait()
        self.assertIsNone(third.process.poll(), "it was not called")

    def test_the_losing_branch_is_cancelled(self):
        loser = self.called(Called("fork_loser").expect("INVITE").answer(180).cancelled())
        winner = self.called(Called("fork_winner").expect("INVITE").pause(200).answer(200, body=SDP)
                             .expect("ACK").expect("BYE").answer_in_dialog(), at=2)
        self.ask(Caller("fork_caller").ask("INVITE").answered().hang_up())
        winner.wait()
        loser.wait()

    def test_the_best_failure_is_told(self):
        # 16.7 step 6: of the lowest class; 6xx before all.
        for answers, best in (((486, 503), 486), ((404, 603), 603), ((302, 480), 302)):
            with self.subTest(answers=answers):
                phones = [self.called(Called(f"best_{status}").refuse(status)) for status in answers]
                self.ask(Caller(f"best_is_{best}").ask("INVITE").refused(best))
                for phone in phones:
                    phone.wait()
                self.forget("bob", 1)

    def test_a_decline_cancels_the_others(self):
        ringing = self.called(Called("decline_other").expect("INVITE").answer(180).cancelled())
        declining = self.called(Called("decline").expect("INVITE").pause(200).answer(603)
                                .expect("ACK"), at=2)
        self.ask(Caller("decline_caller").ask("INVITE").refused(603))
        declining.wait()
        ringing.wait()

    def test_push_parameters_are_kept_and_handed_on(self):
        # RFC 8599: the contact comes back with them, and calls bring them, too.
        params = ";pn-provider=acme;pn-param=acme-param;pn-prid=ZTY4ZDJlMzODE1NmUgKi0K"
        phone = self.called(Called("push_called").expect("INVITE", (None, params + " SIP/2.0"))
                            .answer(486).expect("ACK"), params=params)
        self.assertIn(params, self.phone("bob", 2).bindings()[0])
        self.ask(Caller("push_caller").ask("INVITE").refused(486), through=2)
        phone.wait()

    def test_the_next_flow_is_tried_when_one_is_gone(self):
        instance = ';+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'
        kept = self.phone("carol", 1, "tcp")
        gone = self.phone("carol", 2, "tcp")
        self.addCleanup(self.forget, "carol", 1)
        for number, flow in enumerate((kept, gone), 1):
            contact = f"<{flow.contact_uri}>{instance};reg-id={number}"
            self.assertEqual(flow.register(contact=contact, extra=[
                ("Supported", "path, outbound")]).status, 200)
        gone.close()
        import threading
        answering = threading.Thread(
            target=lambda: kept.reply(kept.expect("INVITE"), 486, "Busy Here"))
        answering.start()
        self.ask(Caller("flow_caller").ask("INVITE").refused(486), "carol", through=1)
        answering.join()


    def test_phones_see_nothing_of_the_topology_behind_their_peer(self):
        def inside(peer):
            addresses = [peer.ready["sip_peer"], peer.ready["reload"],
                         *(at.split(":", 1)[1] for at in peer.ready["sip"])]
            return [peer.node_id, *(":" + at.rsplit(":", 1)[1] for at in addresses)]
        called, caller = self.registered("bob", 2, "tcp"), self.phone("alice", 1)
        call = caller.call_user("bob")
        invite = called.expect("INVITE")
        called.reply(invite, 200, "OK")
        answer = call.final()
        call.ack()
        called.expect("ACK")
        for what, message, peer in (("INVITE", invite, self.peer(1)), ("200", answer, self.peer(2))):
            text = message.encode().decode()
            self.assertEqual(len(message.all("Record-Route")), 1, text)
            for secret in inside(peer):
                self.assertNotIn(secret, text, what)
        self.hang_up(call, called)


class Trusted(SippCase):
    PEER_OPTIONS = ("--trust", "127.0.0.1")

    def contact(self, user, uri):
        self.assertEqual(self.phone(user, 1).register(contact=f"<{uri}>").status, 200)
        self.addCleanup(self.forget, user, 1)

    def test_a_loop_is_found_and_a_spiral_is_none(self):
        # 16.3 step 4: the same Request-URI again is a loop, another one is a spiral.
        here = "127.0.0.1:%d" % self.peer(1).sip("udp")[1]
        self.contact("bob", f"sip:bob@{here}")
        self.ask(Caller("loop").ask_once("INVITE").refused(482))
        self.contact("alice", f"sip:carol@{here}")
        phone = self.called(Called("spiral_called").take_call(), user="carol")
        self.ask(Caller("spiral").ask_once("INVITE").answered().hang_up(), "alice", user="bob")
        phone.wait()


class Redirected(SippCase):
    PEER_OPTIONS = ("--redirect", "everyone", "--user-rate", "1")

    def test_the_caller_is_told_where(self):
        port = free_port()
        self.assertEqual(self.phone("bob", 1).register(
            contact=f"<sip:bob@127.0.0.1:{port}>").status, 200)
        self.addCleanup(self.forget, "bob", 1)
        self.ask(Caller("redirect").ask("INVITE").refused(302, (
            "Contact", f"<sip:bob@127.0.0.1:{port}>")))

    def test_who_calls_too_often_is_told_when_to_come_back(self):
        for _ in range(8):
            phone = self.phone("carol", 1)
            response = phone.call_user("nobody").final()
            if response.status == 503:
                break
        self.assertEqual(response.status, 503)
        self.ask(Caller("too_many").ask("INVITE").refused(503, ("Retry-After", "[0-9]+")),
                 "nobody", user="carol")


if __name__ == "__main__":
    unittest.main()
