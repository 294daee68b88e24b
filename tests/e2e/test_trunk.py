"""Numbers that no user here has go to the next hops that the operator names."""

import unittest

from case import OverlayCase
from lab.dns import Dns
from test_outside import Server

NUMBER = "+4930123456"


class Trunk(OverlayCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        cls.broken, cls.gateway = Server(503), Server(486, "tcp")
        for server in (cls.broken, cls.gateway):
            cls.addClassCleanup(server.close)
        cls.dns = Dns(["host-record=gw.example,127.0.0.1",
                       f"srv-host=_sip._tcp.gateway.example,gw.example,{cls.gateway.port},1,1",
                       "local=/example/"])
        cls.addClassCleanup(cls.dns.__exit__)
        return {"peer_options": (
            "--dns-server", cls.dns.address,
            "--sip-trunk", f"sip:127.0.0.1:{cls.broken.port}",
            "--sip-trunk", "sip:gateway.example;transport=tcp", "--sip-trunk-for", "+49")}

    def status(self, uri, **who):
        phone = self.phone("alice", 1, **who)
        return phone.invite(uri).final().status

    def test_a_number_reaches_the_second_gateway_when_the_first_fails(self):
        broken, reached = len(self.broken.requests), len(self.gateway.requests)
        self.assertEqual(self.status(f"sip:{NUMBER}@example.org"), 486)
        self.assertEqual(self.status("tel:+49-30-123456"), 486)  # The first has a rest.
        self.assertEqual(len(self.broken.requests), broken + 1)
        self.assertEqual(len(self.gateway.requests), reached + 2)
        for request in self.gateway.requests[reached:]:
            self.assertEqual(request.start.split()[1],
                             f"sip:{NUMBER}@gateway.example;transport=tcp;user=phone")
            self.assertEqual(request.get("Proxy-Authorization"), None)

    def test_other_numbers_do_not(self):
        before = len(self.gateway.requests)
        self.assertEqual(self.status("sip:+331234@example.org"), 404)
        self.assertEqual(self.status("sip:030123@example.org"), 404)
        self.assertEqual(len(self.gateway.requests), before)

    def test_nobody_else_gets_there(self):
        before = len(self.gateway.requests) + len(self.broken.requests)
        self.assertEqual(self.status(f"sip:{NUMBER}@example.org", password=None), 407)
        stranger = self.phone("alice", 1)
        stranger.domain = "elsewhere.example"
        self.assertEqual(stranger.invite(f"sip:{NUMBER}@example.org").final().status, 404)
        liar = self.phone("alice", 1)
        liar.user = "bob"
        call = liar.invite(f"sip:{NUMBER}@example.org")
        self.assertIn(call.final().status, (403, 407))
        stranger.send(stranger.request("OPTIONS", f"sip:{NUMBER}@example.org"))
        self.assertEqual(stranger.final("OPTIONS").status, 404)
        self.assertEqual(len(self.gateway.requests) + len(self.broken.requests), before)


if __name__ == "__main__":
    unittest.main()
