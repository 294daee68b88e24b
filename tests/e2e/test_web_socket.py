"""SIP over WebSocket (RFC 7118) as a browser does it, and as one who means harm."""

import os
import socket
import struct
import time
import unittest

from lab import web_socket
from lab.processes import wait_for
from lab.web_socket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from secure_case import SecureCase


class WebSocketPhones(SecureCase):
    def test_registers_and_is_called_through_any_peer(self):
        for transport in ("ws", "wss"):
            with self.subTest(transport=transport):
                called = self.phone("bob", 1, transport)
                self.assertEqual(called.register().status, 200)
                self.assertEqual(called.bindings(), [called.contact_uri])
                for caller in (self.phone("alice", 3), self.phone("alice", 1, "wss"),
                               self.phone("carol", 2, "ws"), self.phone("alice", 2, "tls")):
                    self.talk(caller, called, "bob")
                self.forget("bob", 1)

    def test_a_closed_connection_takes_its_binding_along(self):
        phone = self.phone("bob", 1, "wss")
        self.assertEqual(phone.register().status, 200)
        phone.close()
        wait_for(lambda: self.phone("alice", 2).call_user("bob").final().status == 480,
                 "bob is not there any more")

    def test_says_goodbye_when_the_peer_leaves(self):
        peer = self.overlay.start(1)[0]
        phone = self.phone("bob", len(self.overlay.peers), "ws")
        self.assertEqual(phone.register().status, 200)
        self.assertEqual(peer.terminate(), 0)
        with self.assertRaisesRegex(ConnectionResetError, "closed the WebSocket"):
            phone.expect("nothing")
        self.overlay.peers.remove(peer)


class Raw:
    """A WebSocket of which the test sends every frame."""

    def __init__(self, address):
        self.socket = socket.create_connection(address)
        self.socket.settimeout(15)
        self.buffer = b""
        self.frames = []

    def open(self):
        self.buffer = web_socket.open_web_socket(self.socket)
        return self

    def send(self, payload, **options):
        self.socket.sendall(web_socket.frame(payload, **options))

    def next(self):
        """(opcode, payload) of the next frame; None when the connection has ended."""
        while not self.frames:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.frames, self.buffer = web_socket.split(self.buffer + data)
        return self.frames.pop(0)

    def answer(self):
        """What HTTP says, up to the end of the connection."""
        data = b""
        while True:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                return data.decode()
            if not more:
                return data.decode()
            data += more


class Frames(SecureCase):
    PEERS = 1

    def raw(self):
        raw = Raw(self.peer(1).sip("ws"))
        self.addCleanup(raw.socket.close)
        return raw

    def options(self):
        return (b"OPTIONS sip:example.org SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK"
                + os.urandom(4).hex().encode() + b"\r\nMax-Forwards: 70\r\n"
                b"From: <sip:a@example.com>;tag=1\r\nTo: <sip:example.org>\r\nCall-ID: c\r\n"
                b"CSeq: 1 OPTIONS\r\n\r\n")

    def assert_answers(self, raw):
        opcode, payload = raw.next()
        self.assertEqual(opcode, TEXT)
        self.assertTrue(payload.startswith(b"SIP/2.0 200 "), payload)

    def assert_broken_off(self, raw, code):
        opcode, payload = raw.next()
        self.assertEqual((opcode, struct.unpack("!H", payload[:2])[0]), (CLOSE, code))
        self.assertIsNone(raw.next())

    def test_messages_in_one_frame_or_many_text_or_binary(self):
        raw = self.raw().open()
        message = self.options()
        raw.send(message)
        self.assert_answers(raw)
        raw.send(message.replace(b"bK", b"bK2"), opcode=BINARY)
        self.assert_answers(raw)
        message = message.replace(b"bK", b"bK3")
        raw.send(message[:10], final=False)
        raw.send(b"between", opcode=PING)
        raw.send(message[10:50], opcode=CONTINUATION, final=False)
        raw.send(message[50:], opcode=CONTINUATION)
        self.assertEqual(raw.next(), (PONG, b"between"))
        self.assert_answers(raw)

    def test_octet_by_octet_and_all_at_once(self):
        raw = self.raw()
        message = self.options()
        for octet in web_socket.request() + web_socket.frame(message):
            raw.socket.sendall(bytes([octet]))
        wait_for(lambda: b"\r\n\r\n" in raw.socket.recv(4096, socket.MSG_PEEK), "an answer")
        raw.buffer = raw.socket.recv(4096).partition(b"\r\n\r\n")[2]
        raw.frames, raw.buffer = web_socket.split(raw.buffer)
        self.assert_answers(raw)
        eager = self.raw()
        eager.socket.sendall(web_socket.request() + web_socket.frame(message.replace(b"bK", b"bK5")))
        wait_for(lambda: b"SIP/2.0 200" in eager.socket.recv(4096, socket.MSG_PEEK), "an answer")

    def test_keepalives(self):
        raw = self.raw().open()
        raw.send(b"\r\n\r\n")
        self.assertEqual(raw.next(), (TEXT, b"\r\n"))
        raw.send(b"", opcode=PING)
        self.assertEqual(raw.next(), (PONG, b""))
        raw.send(b"unasked", opcode=PONG)
        raw.send(self.options())
        self.assert_answers(raw)

    def test_closing_is_answered(self):
        raw = self.raw().open()
        raw.send(struct.pack("!H", 1000), opcode=CLOSE)
        self.assert_broken_off(raw, 1000)

    def test_what_breaks_the_rules_is_told_so(self):
        for what, octets, code in (
                ("no mask", web_socket.frame(b"x", masked=False), 1002),
                ("a reserved bit", b"\xc1\x81abcdx", 1002),
                ("an unknown opcode", web_socket.frame(b"x", opcode=3), 1002),
                ("a long ping", web_socket.frame(b"x" * 126, opcode=PING), 1002),
                ("a ping in pieces", web_socket.frame(b"x", opcode=PING, final=False), 1002),
                ("a continuation of nothing", web_socket.frame(b"x", opcode=CONTINUATION), 1002),
                ("a message within another", web_socket.frame(b"x", final=False)
                 + web_socket.frame(b"x"), 1002),
                ("a length in a longer form", b"\x81\xfe\x00\x05abcdxxxxx", 1002),
                ("text that is none", web_socket.frame(b"\xff\xfe"), 1007),
                ("more than the limit", web_socket.frame(b"x" * 70000), 1009),
                ("more than anybody has", b"\x81\xff\x7f" + b"\xff" * 7 + b"abcd", 1009),
                ("more than the limit in pieces", web_socket.frame(b"x" * 40000, final=False)
                 + web_socket.frame(b"x" * 40000, opcode=CONTINUATION), 1009)):
            with self.subTest(what=what):
                raw = self.raw().open()
                raw.socket.sendall(octets)
                self.assert_broken_off(raw, code)
        self.assertEqual(self.peer(1).metrics()["carillon_sip_flows"], 0)

    def test_handshakes_that_are_refused(self):
        for what, octets, status in (
                ("no subprotocol", web_socket.request(protocol=None), "400"),
                ("another one", web_socket.request(protocol="xmpp, mqtt"), "400"),
                ("an old version", web_socket.request(version="8"), "426"),
                ("no key", web_socket.request(key="c2hvcnQ="), "400"),
                ("no host", web_socket.request(host=None), "400"),
                ("a browser's GET", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426"),
                ("SIP itself", self.options(), "400"),
                ("cookies without end", b"GET / HTTP/1.1\r\nCookie: " + b"c" * 9000, "431")):
            with self.subTest(what=what):
                raw = self.raw()
                raw.socket.sendall(octets)
                self.assertTrue(raw.answer().startswith(f"HTTP/1.1 {status} "))

    def test_a_handshake_that_never_ends_is_ended(self):
        raw = self.raw()
        raw.socket.settimeout(30)
        begun = time.monotonic()
        raw.socket.sendall(b"GET / HTTP/1.1\r\n")
        self.assertEqual(raw.answer(), "")
        self.assertGreater(time.monotonic() - begun, 5)


class Origins(SecureCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        return {**options, "peer_options": (*options["peer_options"], "--sip-ws-origin",
                                            "https://phone.example.org")}

    def test_only_named_pages_may(self):
        for origin, allowed in (("https://phone.example.org", True), (None, True),
                                ("https://evil.example", False), ("null", False)):
            with self.subTest(origin=origin):
                with socket.create_connection(self.peer(1).sip("ws")) as connection:
                    if allowed:
                        web_socket.open_web_socket(connection, origin=origin)
                    else:
                        with self.assertRaisesRegex(ConnectionRefusedError, "403"):
                            web_socket.open_web_socket(connection, origin=origin)


if __name__ == "__main__":
    unittest.main()
