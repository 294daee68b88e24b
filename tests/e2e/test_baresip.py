"""baresip, a phone that somebody else wrote: registers at one peer, is called through another."""

import unittest

from case import PASSWORDS, OverlayCase
from lab.baresip import Baresip
from lab.processes import wait_for


class BaresipPhone(OverlayCase):
    def baresip(self, user, peer_number, transport, options=()):
        phone = Baresip(self.overlay.directory, user, PASSWORDS[user],
                        self.peer(peer_number).sip(transport), transport, options=options)
        self.addCleanup(phone.__exit__)
        try:
            wait_for(lambda: "1 binding" in phone.log(), f"baresip has registered {user}")
        except Exception:
            print(phone.log())
            raise
        return phone

    def test_is_called_through_another_peer(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport=transport):
                phone = self.baresip("bob", 1, transport)
                self.assertEqual(len(self.peer(3).lookup("bob@example.org")["bindings"]), 1)
                caller = self.phone("alice", 3)
                call = caller.call_user("bob")
                self.assertEqual(call.final().status, 200, phone.log())
                call.ack()
                wait_for(lambda: "established" in phone.log(), "baresip is in the call")
                self.assertEqual(call.bye().status, 200)
                phone.__exit__()
                self.forget("bob", 1)

    def test_calls_another_baresip_through_two_peers(self):
        called = self.baresip("bob", 2, "udp")
        caller = self.baresip("carol", 3, "tcp", options=["-e", "/dial sip:bob@example.org"])
        for phone in (called, caller):
            try:
                wait_for(lambda one=phone: "established" in one.log(), "the call is established")
            except Exception:
                print(called.log(), caller.log())
                raise


if __name__ == "__main__":
    unittest.main()
