"""The same from SIPp, whose transactions and digest are not ours: registrations, calls, failures."""

import os
import unittest

from case import PASSWORDS, OverlayCase
from lab.processes import free_port
from lab.sipp import Sipp

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")


class SippPhones(OverlayCase):
    def sipp(self, scenario, peer_number=None, user="bob", transport="udp", own=True, **options):
        """Starts one; `own` scenarios are those beside this test."""
        path = os.path.join(HERE, scenario) if own else scenario
        options.setdefault("password", PASSWORDS.get(user, "none"))
        phone = Sipp(path, self.overlay.directory, user=user,
                     target=self.peer(peer_number).sip(transport) if peer_number else None,
                     transport={"udp": "u1", "tcp": "t1"}[transport], **options)
        self.addCleanup(phone.__exit__)
        return phone

    def register(self, user, peer_number, port, transport="udp"):
        self.sipp("register.xml", peer_number, user, transport, own=False,
                  keys={"contact_port": str(port)}).wait()
        self.addCleanup(self.forget, user, peer_number)

    def call(self, scenario, called="bob", through=3):
        return self.sipp(scenario, through, "alice", keys={"called": called},
                         own=scenario != "call.xml")

    def test_registration_over_udp_and_tcp(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport=transport):
                self.register("bob", 2, free_port(), transport)

    def test_wrong_password(self):
        self.sipp("register_refused.xml", 2, password="guessed",
                  keys={"contact_port": "9"}).wait()
        self.assertEqual(self.peer(1).lookup("bob@example.org")["bindings"], [])

    def test_call(self):
        port = free_port()
        self.register("bob", 2, port)
        answering = self.sipp("answer.xml", port=port, own=False)
        self.call("call.xml").wait()
        answering.wait()

    def test_cancel(self):
        port = free_port()
        self.register("bob", 2, port)
        ringing = self.sipp("ring.xml", port=port)
        self.call("cancel.xml").wait()
        ringing.wait()

    def test_busy(self):
        port = free_port()
        self.register("bob", 2, port)
        busy = self.sipp("busy.xml", port=port)
        self.call("refused_486.xml").wait()
        busy.wait()

    def test_unknown_and_offline(self):
        self.call("refused_404.xml", called="nobody").wait()
        self.call("refused_480.xml", called="carol").wait()


if __name__ == "__main__":
    unittest.main()
