"""Two Kamailios before two peers: phones (SIPp) at one are called through the other."""

import os
import unittest

from case import PASSWORDS, OverlayCase
from lab import kamailio
from lab.processes import free_port
from lab.sipp import Sipp

PHONES = "127.0.0.9"
EDGES = ("127.0.0.2", "127.0.0.3")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")


@unittest.skipUnless(kamailio.installed(), "Kamailio is not installed (dependencies.sh bench)")
class KamailioCase(OverlayCase):
    """Edge 1 stands before peer 1, edge 2 before peer 2; each knows the other's peer as a spare."""
    PEER_OPTIONS = ()
    USERS = None  # Of Kamailio, if it asks for passwords.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        peers = [peer.sip("udp") for peer in cls.overlay.peers]
        cls.edges = []
        for number, address in enumerate(EDGES):
            nearest = [peers[number], *peers[:number], *peers[number + 1:]]
            edge = kamailio.Edge(cls.overlay.directory, (address, 5060), nearest, EDGES, cls.USERS)
            cls.addClassCleanup(edge.__exit__)
            cls.edges.append(edge)

    @classmethod
    def tearDownClass(cls):
        if cls.failed:
            for edge in cls.edges:
                print(f"edge {edge.host}:{edge.log()[-3000:]}")
        super().tearDownClass()

    def sipp(self, scenario, edge=None, user="bob", **options):
        target = (EDGES[edge - 1], 5060) if edge else None
        path = os.path.join(HERE, scenario)
        phone = Sipp(path if os.path.exists(path) else scenario, self.overlay.directory, target,
                     user=user, password=options.pop("password", PASSWORDS.get(user, "none")),
                     address=PHONES, **options)
        self.addCleanup(phone.__exit__)
        return phone

    def register(self, user, edge, port):
        self.sipp("register.xml", edge, user, keys={"contact_port": str(port)}).wait()

    def call(self, through, scenario="call.xml", called="bob"):
        return self.sipp(scenario, through, "alice", keys={"called": called})

    def bindings(self, user="bob"):
        return self.peer(1).lookup(f"{user}@example.org")["bindings"]


class Calls:
    """What holds however the peers answer."""

    def test_called_through_the_other_edge(self):
        port = free_port()
        self.register("bob", 1, port)
        self.assertIn(EDGES[0], str(self.bindings()))
        answering = self.sipp("answer.xml", port=port)
        self.call(2).wait()
        answering.wait()

    def test_called_through_the_same_edge(self):
        port = free_port()
        self.register("carol", 2, port)
        answering = self.sipp("answer.xml", user="carol", port=port)
        self.call(2, called="carol").wait()
        answering.wait()

    def test_busy_and_cancelled(self):
        port = free_port()
        self.register("bob", 1, port)
        busy = self.sipp("busy.xml", port=port)
        self.call(2, "refused_486.xml").wait()
        busy.wait()
        ringing = self.sipp("ring.xml", port=port)
        self.call(2, "cancel.xml").wait()
        ringing.wait()

    def test_nobody_there(self):
        self.call(1, "refused_404.xml", called="nobody").wait()

    def test_wrong_password(self):
        self.sipp("register_refused.xml", 1, "alice", password="guessed",
                  keys={"contact_port": "9"}).wait()
        self.assertEqual(self.bindings("alice"), [])


class RelayedCalls(Calls, KamailioCase):
    """Kamailio authenticates; the peers relay."""
    PEER_OPTIONS = ("--trust", "127.0.0.2/31")
    USERS = PASSWORDS

    def test_the_spare_peer_is_used(self):
        port = free_port()
        self.peer(1).kill()
        try:
            self.register("bob", 1, port)
            answering = self.sipp("answer.xml", port=port)
            self.call(1).wait()
            answering.wait()
        finally:
            self.peer(1).start(options=self.PEER_OPTIONS)


class RedirectedCalls(Calls, KamailioCase):
    """Kamailio authenticates; the peers only say where the phone is."""
    PEER_OPTIONS = ("--trust", "127.0.0.2/31", "--redirect", "trusted")
    USERS = PASSWORDS

    def tearDown(self):
        for peer in self.overlay.living():
            self.assertEqual(peer.metrics()["carillon_sip_transactions{side=\"client\"}"], 0)


class AuthenticatedByCarillon(Calls, KamailioCase):
    """Kamailio passes challenges and credentials on."""


if __name__ == "__main__":
    unittest.main()
