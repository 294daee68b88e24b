"""Calls that outlive the peers that carry them (docs/decisions/0025)."""

import signal
import threading
import unittest

from case import PASSWORDS, OverlayCase
from lab.baresip import Baresip
from lab.dns import Dns
from lab.processes import wait_for


class ACarrierGoes(OverlayCase):
    def setUp(self):
        self.carrier = self.overlay.start(1, ("--record-route", "sip.example.org"))[0]

    def kill(self):
        self.carrier.kill()
        self.overlay.settle()

    def leave(self):
        self.carrier.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.carrier.process.wait(45), 0)
        self.overlay.settle()

    def talking(self, caller, called):
        call = caller.call_user(called.user)
        invite = called.expect("INVITE")
        called.reply(invite, 200, "OK")
        self.assertEqual(call.final().status, 200)
        call.ack()
        called.expect("ACK")
        return call, invite

    def moved(self, user, transport="tcp"):
        """What a phone does that has lost its connection: another peer, and it registers anew."""
        return self.registered(user, 2, transport)

    def hold(self, call, called):
        """A second INVITE in the dialog: it, its 200 and its ACK all arrive."""
        def answer():
            called.reply(called.expect("INVITE"), 200, "OK")
        answering = threading.Thread(target=answer)
        answering.start()
        try:
            call.sequence += 1
            call.phone.send(call._in_dialog("INVITE", call.sequence))
            self.assertEqual(call.phone.expect(range(200, 700), method="INVITE").status, 200)
        finally:
            answering.join()
        call.ack()
        called.expect("ACK")

    def test_the_called_phones_peer_is_killed(self):
        caller, called = self.phone("alice", 1), self.phone("bob", self.carrier.number, "tcp")
        self.assertEqual(called.register().status, 200)
        call, _ = self.talking(caller, called)
        self.kill()
        called = self.moved("bob")
        self.hold(call, called)
        self.hang_up(call, called)

    def test_the_called_phones_peer_leaves(self):
        caller, called = self.phone("alice", 1), self.phone("bob", self.carrier.number, "tcp")
        self.assertEqual(called.register().status, 200)
        call, _ = self.talking(caller, called)
        self.leave()
        called = self.moved("bob")
        self.hold(call, called)
        self.hang_up(call, called)

    def test_the_callers_peer_leaves_and_dns_leads_to_another(self):
        caller, called = self.phone("alice", self.carrier.number), self.registered("bob", 2, "tcp")
        call, _ = self.talking(caller, called)
        self.assertIn("@sip.example.org;lr>", call.answer.get("Record-Route"))
        self.leave()
        caller.peer = self.peer(3).sip("udp")
        self.hold(call, called)
        self.hang_up(call, called)

    def test_the_called_phone_hangs_up_on_a_caller_whose_peer_was_killed(self):
        called = self.registered("bob", 2)
        caller = self.phone("alice", self.carrier.number, "tcp")
        self.assertEqual(caller.register().status, 200)
        call, invite = self.talking(caller, called)
        self.kill()
        caller = self.moved("alice")
        answering = threading.Thread(
            target=lambda: caller.reply(caller.expect("BYE"), 200, "OK"))
        answering.start()
        try:
            self.assertEqual(called.bye_from_called(invite, call.answer, to=called.peer).status,
                             200)
        finally:
            answering.join()

    def test_both_hung_on_the_peer_that_was_killed(self):
        caller = self.phone("alice", self.carrier.number, "tcp")
        called = self.phone("bob", self.carrier.number, "tcp")
        for phone in (caller, called):
            self.assertEqual(phone.register().status, 200)
        call, _ = self.talking(caller, called)
        self.kill()
        called = self.moved("bob")
        call.phone = self.registered("alice", 3, "tcp")
        self.hold(call, called)
        self.hang_up(call, called)


class Baresips(OverlayCase):
    PEER_OPTIONS = ("--record-route", "sip.example.org")

    def test_it_hangs_up_by_way_of_the_next_peer_that_dns_names(self):
        carrier = self.overlay.start(1, self.PEER_OPTIONS)[0]
        called = self.registered("bob", 2, "tcp")
        records = ["host-record=peers.example.org,127.0.0.1"]
        for priority, peer in enumerate((carrier, self.peer(1), self.peer(3)), 1):
            port = peer.sip("tcp")[1]
            records.append(f"srv-host=_sip._tcp.sip.example.org,peers.example.org,{port},{priority}")
        with Dns(records) as dns, \
                Baresip(self.overlay.directory, "alice", PASSWORDS["alice"], "sip.example.org",
                        "tcp", options=["-e", "/dial sip:bob@example.org"], dns=dns.address) as phone:
            invite = called.expect("INVITE")
            called.reply(invite, 200, "OK")
            called.expect("ACK")
            wait_for(lambda: "established" in phone.log(), "baresip is in the call")
            carrier.kill()
            phone.command("hangup")
            bye = called.expect("BYE", 20)
            called.reply(bye, 200, "OK")
            self.assertEqual(bye.get("Call-ID"), invite.get("Call-ID"))


if __name__ == "__main__":
    unittest.main()
