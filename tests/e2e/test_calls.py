"""Calls between phones on any peers, over any transport (RFC 3261, 16; RFC 5626, 5.3)."""

import itertools
import threading
import unittest

from case import OverlayCase
from lab.processes import wait_for


class Calls(OverlayCase):
    def test_all_peers_and_transports(self):
        transports = ("udp", "tcp")
        for at, transport in itertools.product((1, 2, 3), transports):
            called = self.phone("bob", at, transport)
            self.assertEqual(called.register().status, 200)
            for through, caller_transport in itertools.product((1, 2, 3), transports):
                with self.subTest(called=(at, transport), caller=(through, caller_transport)):
                    with self.phone("alice", through, caller_transport) as caller:
                        self.talk(caller, called, "bob")
            self.assertEqual(called.register(expires=0).status, 200)
            called.close()

    def test_the_called_phone_hangs_up(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport=transport):
                called, caller = self.registered("bob", 2, transport), self.phone("alice", 3)
                call = caller.call_user("bob")
                invite = called.expect("INVITE")
                called.reply(invite, 200, "OK")
                answer = call.final()
                call.ack()
                called.expect("ACK")
                result = []
                bye = threading.Thread(
                    target=lambda: result.append(called.bye_from_called(invite, answer)))
                bye.start()
                caller.reply(caller.expect("BYE"), 200, "OK")
                bye.join()
                self.assertEqual(result[0].status, 200)
                self.forget("bob", 2)

    def test_cancel(self):
        called, caller = self.registered("bob", 2), self.phone("alice", 3)
        call = caller.call_user("bob")
        invite = called.expect("INVITE")
        called.reply(invite, 180, "Ringing")
        call.expect(180)
        self.assertEqual(call.cancel().status, 200)
        cancel = called.expect("CANCEL")
        called.reply(cancel, 200, "OK")
        called.reply(invite, 487, "Request Terminated")
        called.expect("ACK")
        self.assertEqual(call.final().status, 487)

    def test_failures_of_the_called_phone_reach_the_caller(self):
        for transport, status in itertools.product(("udp", "tcp"), (486, 488, 603)):
            with self.subTest(transport=transport, status=status):
                called, caller = self.registered("bob", 1, transport), self.phone("alice", 3)
                call = caller.call_user("bob")
                called.reply(called.expect("INVITE"), status, "No")
                self.assertEqual(call.final().status, status)
                called.expect("ACK")
                self.forget("bob", 1)

    def test_unknown_and_offline(self):
        caller = self.phone("alice", 3)
        self.assertEqual(caller.call_user("nobody").final().status, 404)
        self.assertEqual(caller.call_user("carol").final().status, 480)

    def test_a_phone_that_is_not_there_any_more(self):
        phone = self.registered("bob", 2)
        phone.close()
        caller = self.phone("alice", 3)
        response = caller.call_user("bob").final(seconds=45)  # timer B lasts 32 s
        self.assertIn(response.status, (408, 480, 500, 503))

    def test_all_phones_of_a_user_ring_and_one_answers(self):
        phones = [self.registered("bob", 1), self.registered("bob", 2, "tcp"),
                  self.registered("bob", 3)]
        caller = self.phone("alice", 1)
        call = caller.call_user("bob")
        invites = [phone.expect("INVITE") for phone in phones]
        for phone, invite in zip(phones, invites):
            phone.reply(invite, 180, "Ringing")
        phones[1].reply(invites[1], 200, "OK")
        self.assertEqual(call.final().status, 200)
        call.ack()
        phones[1].expect("ACK")
        for number in (0, 2):
            phones[number].reply(phones[number].expect("CANCEL"), 200, "OK")
            phones[number].reply(invites[number], 487, "Request Terminated")
            phones[number].expect("ACK")
        self.hang_up(call, phones[1])

    def test_a_call_to_a_flow_that_has_closed(self):
        phone = self.phone("bob", 2, "tcp")
        self.assertEqual(phone.register().status, 200)
        phone.close()
        caller = self.phone("alice", 3)
        self.assertIn(caller.call_user("bob").final().status, (430, 480))
        wait_for(lambda: self.phone("bob", 1).bindings() == [], "the binding is gone", 15)

    def test_too_many_hops(self):
        caller = self.phone("alice", 1)
        self.registered("bob", 2)
        message = caller.request("OPTIONS", "sip:bob@example.org")
        message.headers[1] = ("Max-Forwards", "0")
        self.assertEqual(caller.authenticated(message).status, 483)

    def test_an_extension_that_no_proxy_knows(self):
        caller = self.phone("alice", 1)
        self.registered("bob", 2)
        message = caller.request("OPTIONS", "sip:bob@example.org",
                                 extra=[("Proxy-Require", "levitation")])
        response = caller.authenticated(message)
        self.assertEqual(response.status, 420)
        self.assertEqual(response.get("Unsupported"), "levitation")

    def test_other_requests_find_the_phone(self):
        called, caller = self.registered("bob", 2), self.phone("alice", 3)
        result = []
        message = caller.request("MESSAGE", "sip:bob@example.org",
                                 extra=[("Content-Type", "text/plain")], body="hello")
        sending = threading.Thread(target=lambda: result.append(caller.authenticated(message)))
        sending.start()
        arrived = called.expect("MESSAGE")
        self.assertEqual(arrived.body, "hello")
        called.reply(arrived, 200, "OK")
        sending.join()
        self.assertEqual(result[0].status, 200)

    def test_nobody_calls_in_anothers_name(self):
        self.registered("bob", 2)
        thief = self.phone("carol", 1, password="guessed")
        self.assertIn(thief.call_user("bob").final().status, (403, 407))


if __name__ == "__main__":
    unittest.main()
