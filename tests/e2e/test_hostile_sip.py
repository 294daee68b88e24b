"""SIP that no honest phone sends: answered or dropped, and the peer goes on (RFC 4475)."""

import os
import socket
import time
import unittest

from case import OverlayCase
from lab.sip import unique

VIA = "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx;rport"
COMMON = [VIA, "Max-Forwards: 70", "From: <sip:alice@example.org>;tag=1",
          "To: <sip:bob@example.org>", "Call-ID: h@x", "CSeq: 1 OPTIONS"]


def text(start, headers, body=""):
    return (start + "\r\n" + "".join(line + "\r\n" for line in headers) + "\r\n" + body).encode()


def without(name):
    return [line for line in COMMON if not line.startswith(name)]


def replaced(name, line):
    return without(name) + [line]


OPTIONS = "OPTIONS sip:bob@example.org SIP/2.0"

# What may be answered with an error, or dropped; never with success.
HOSTILE = {
    "no Via": text(OPTIONS, without("Via")),
    "no From": text(OPTIONS, without("From")),
    "no To": text(OPTIONS, without("To")),
    "no Call-ID": text(OPTIONS, without("Call-ID")),
    "no CSeq": text(OPTIONS, without("CSeq")),
    "no headers": text(OPTIONS, []),
    "other CSeq method": text(OPTIONS, replaced("CSeq", "CSeq: 1 INVITE")),
    "huge CSeq": text(OPTIONS, replaced("CSeq", "CSeq: 99999999999999999999 OPTIONS")),
    "negative CSeq": text(OPTIONS, replaced("CSeq", "CSeq: -1 OPTIONS")),
    "huge Max-Forwards": text(OPTIONS, replaced("Max-Forwards", "Max-Forwards: 99999999999")),
    "text Max-Forwards": text(OPTIONS, replaced("Max-Forwards", "Max-Forwards: many")),
    "absurd Content-Length": text(OPTIONS, COMMON + ["Content-Length: 4000000000"]),
    "beyond Content-Length": text(OPTIONS, COMMON + ["Content-Length: 99999999999999999999999"]),
    "negative Content-Length": text(OPTIONS, COMMON + ["Content-Length: -5"]),
    "two Content-Lengths": text(OPTIONS, COMMON + ["Content-Length: 0", "Content-Length: 10"]),
    "other SIP version": text("OPTIONS sip:bob@example.org SIP/7.0", COMMON),
    "no Request-URI": text("OPTIONS SIP/2.0", COMMON),
    "Request-URI of another scheme": text("OPTIONS ftp://bob@example.org SIP/2.0", COMMON),
    "URI with a null": text("OPTIONS sip:bo\0b@example.org SIP/2.0", COMMON),
    "long Request-URI": text("OPTIONS sip:" + "b" * 20000 + "@example.org SIP/2.0", COMMON),
    "long header": text(OPTIONS, COMMON + ["Subject: " + "x" * 30000]),
    "many headers": text(OPTIONS, COMMON + ["X-A: b"] * 4000),
    "many Vias": text(OPTIONS, [VIA] * 500 + COMMON),
    "many Routes": text(OPTIONS, COMMON + ["Route: <sip:127.0.0.1:9;lr>"] * 300),
    "open quote": text(OPTIONS, replaced("From", 'From: "alice <sip:alice@example.org>;tag=1')),
    "open bracket": text(OPTIONS, replaced("To", "To: <sip:bob@example.org")),
    "header without colon": text(OPTIONS, COMMON + ["this is no header"]),
    "only a start line": b"OPTIONS sip:bob@example.org SIP/2.0",
    "line feeds only": b"OPTIONS sip:bob@example.org SIP/2.0\nVia: x\n\n",
    "empty lines": b"\r\n" * 200,
    "nothing": b"\0",
    "a stray response": text("SIP/2.0 200 OK", COMMON),
    "a response of no class": text("SIP/2.0 999 Odd", COMMON),
    "a response with text status": text("SIP/2.0 OK 200", COMMON),
    "a stray ACK": text("ACK sip:bob@example.org SIP/2.0", replaced("CSeq", "CSeq: 1 ACK")),
    "a stray CANCEL": text("CANCEL sip:bob@example.org SIP/2.0", replaced("CSeq", "CSeq: 1 CANCEL")),
    "a stray BYE": text("BYE sip:bob@example.org SIP/2.0", replaced("CSeq", "CSeq: 1 BYE")),
    "REGISTER of nobody": text("REGISTER sip:example.org SIP/2.0", replaced("To", "To: <sip:>")),
    "REGISTER with odd Contact": text("REGISTER sip:example.org SIP/2.0", [
        *replaced("CSeq", "CSeq: 1 REGISTER"), "Contact: <<>>;;;expires=x"]),
    "Authorization of rubbish": text("REGISTER sip:example.org SIP/2.0", [
        *replaced("CSeq", "CSeq: 1 REGISTER"), 'Authorization: Digest ="",,,=,nonce']),
}


class HostileSip(OverlayCase):
    PEERS = 1

    def alive(self):
        self.assertTrue(self.peer(1).alive(), "the peer has ended")
        with self.phone("alice", 1) as phone:
            self.assertEqual(phone.register().status, 200)

    def test_datagrams(self):
        for name, data in HOSTILE.items():
            with self.subTest(name), self.phone("alice", 1) as phone:
                phone.send(data.replace(b"127.0.0.1:9", phone.address.encode()))
                request = phone.request("OPTIONS", "sip:example.org")
                phone.send(request)  # is answered after what came before
                answer = phone.expect(range(200, 700), method="OPTIONS")
                for message in [answer, *phone.waiting]:
                    if message.get("Call-ID") == "h@x":
                        self.assertGreaterEqual(message.status, 400, message)
        self.alive()

    def test_streams(self):
        for name, data in HOSTILE.items():
            with self.subTest(name), socket.create_connection(self.peer(1).sip("tcp"), 5) as stream:
                try:
                    stream.sendall(data.replace(b"/UDP", b"/TCP"))
                    stream.shutdown(socket.SHUT_WR)
                    while stream.recv(65536):
                        pass
                except (ConnectionResetError, BrokenPipeError):
                    pass
        self.alive()

    def test_garbage(self):
        with self.phone("alice", 1) as phone:
            for size in (1, 3, 100, 1400, 9000):
                for _ in range(20):
                    phone.send(os.urandom(size))
        for size in (10, 70000):
            with socket.create_connection(self.peer(1).sip("tcp"), 5) as stream:
                try:
                    stream.sendall(os.urandom(size))
                except (ConnectionResetError, BrokenPipeError):
                    pass
        self.alive()

    def test_a_stream_without_end_is_closed(self):
        with socket.create_connection(self.peer(1).sip("tcp"), 10) as stream:
            deadline = time.monotonic() + 20
            with self.assertRaises(ConnectionError):
                stream.sendall(b"OPTIONS sip:bob@example.org SIP/2.0\r\n")
                while time.monotonic() < deadline:
                    stream.sendall(b"X-Filler: " + b"y" * 1000 + b"\r\n")
        self.alive()

    def test_many_connections_that_say_nothing(self):
        streams = [socket.create_connection(self.peer(1).sip("tcp"), 5) for _ in range(300)]
        self.alive()
        for stream in streams:
            stream.close()
        self.alive()

    def test_one_octet_at_a_time(self):
        request = self.phone("alice", 1, "tcp")
        for octet in request.request("OPTIONS", "sip:example.org").encode():
            request.send(bytes([octet]))
        self.assertIn(request.final("OPTIONS").status, range(200, 500))

    def test_a_spoofed_via_does_not_steer_the_answer(self):
        """With rport the answer goes where the request came from (RFC 3581)."""
        phone = self.phone("alice", 1)
        message = phone.request("OPTIONS", "sip:example.org")
        message.headers[0] = ("Via", f"SIP/2.0/UDP 192.0.2.1:9;rport;branch=z9hG4bK{unique()}")
        phone.send(message)
        self.assertIn("received=127.0.0.1", phone.final("OPTIONS").get("Via"))


if __name__ == "__main__":
    unittest.main()
