"""What a peer tells operators, load balancers and Kubernetes over HTTP."""

import http.client
import re
import socket
import time
import unittest

from case import OverlayCase
from lab.processes import wait_for

LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+$')


class Http(OverlayCase):
    def raw(self, octets, peer_number=1, seconds=15):
        """What a peer answers to octets that are no good request, until it closes."""
        host, port = self.peer(peer_number).ready["http"].split(":")
        with socket.create_connection((host, int(port)), timeout=seconds) as connection:
            connection.sendall(octets)
            answer = b""
            while block := connection.recv(65536):
                answer += block
            return answer.decode()

    def test_metrics_are_in_prometheus_format(self):
        status, text = self.peer(1).get("/metrics")
        self.assertEqual(status, 200)
        families = set()
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                families.add(line.split()[2])
            elif not line.startswith("#"):
                self.assertRegex(line, LINE)
                self.assertIn(line.split("{")[0].split(" ")[0], families)
        self.assertIn("process_cpu_seconds_total", families)

    def test_registrations_calls_and_lookups_are_counted(self):
        before = self.peer(2).metrics()
        alice = self.registered("alice", 2)
        bob = self.registered("bob", 1)
        self.talk(alice, bob, "bob")
        after = self.peer(2).metrics()
        for name in ("carillon_registrations_total", "carillon_calls_total",
                     'carillon_overlay_calls_total{call="lookup"}',
                     'carillon_overlay_calls_total{call="store"}',
                     'carillon_sip_requests_total{method="INVITE"}',
                     'carillon_sip_requests_total{method="REGISTER"}'):
            self.assertGreater(after[name], before[name], name)
        self.assertEqual(after["carillon_bindings"], 1)
        self.assertEqual(after['carillon_ring_state{state="joined"}'], 1)
        self.assertEqual(after['carillon_ring_neighbors{table="successors"}'], 2)
        self.assertEqual(after['carillon_leave_stage{stage="not_started"}'], 1)

    def test_what_is_stored_is_counted_by_kind(self):
        # With three peers each holds everything; three users have a credential each.
        wanted = 'carillon_stored_resources{kind="0xf0000002"}'
        wait_for(lambda: self.peer(3).metrics().get(wanted) == 3, "all credentials are counted", 30)

    def test_alive_and_ready(self):
        self.assertEqual(self.peer(1).get("/health"), (200, "alive\n"))
        self.assertEqual(self.peer(1).get("/ready"), (200, "ready\n"))
        self.assertEqual(self.peer(1).get("/ready?verbose=1"), (200, "ready\n"))
        self.assertEqual(self.peer(1).get("/health", "HEAD"), (200, ""))

    def test_what_is_not_there_or_not_allowed(self):
        self.assertEqual(self.peer(1).get("/")[0], 404)
        self.assertEqual(self.peer(1).get("/../etc/passwd")[0], 404)
        self.assertEqual(self.peer(1).get("/metrics", "POST")[0], 405)
        self.assertEqual(self.peer(1).get("/ready", "DELETE")[0], 405)

    def test_malformed_requests_are_refused_and_the_peer_goes_on(self):
        for octets in (b"\0\xff\xfe\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                       b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                       b"GET /metrics HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"):
            self.assertRegex(self.raw(octets), "^HTTP/1.1 400 ", octets)
        self.assertRegex(self.raw(b"GET / HTTP/1.1\r\nx: " + b"y" * 20000 + b"\r\n\r\n"),
                         "^HTTP/1.1 431 ")
        body = b"POST /metrics HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + b"z" * 300_000
        self.assertRegex(self.raw(body), "^HTTP/1.1 413 ")
        self.assertEqual(self.peer(1).get("/health")[0], 200)

    def test_one_connection_serves_many_requests(self):
        connection = http.client.HTTPConnection(self.peer(1).ready["http"], timeout=10)
        self.addCleanup(connection.close)
        for _ in range(50):
            connection.request("GET", "/health")
            self.assertEqual(connection.getresponse().read(), b"alive\n")

    def test_the_silent_do_not_keep_others_out(self):
        host, port = self.peer(3).ready["http"].split(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(200)]
        for connection in silent:
            self.addCleanup(connection.close)
        started = time.monotonic()
        self.assertEqual(self.peer(3).get("/health")[0], 200)
        self.assertLess(time.monotonic() - started, 5)

    def test_the_slow_are_cut_off(self):
        host, port = self.peer(3).ready["http"].split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"GET /metr")
            self.assertEqual(connection.recv(100), b"")  # Closed by the peer, after ten seconds.


if __name__ == "__main__":
    unittest.main()
