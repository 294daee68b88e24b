"""Strangers, and members gone bad, at the RELOAD port: refused, logged, survived."""

import os
import socket
import ssl
import struct
import unittest

from case import OverlayCase
from lab.overlay import Overlay
from lab.processes import wait_for

RELO_TOKEN = 0xd2454c4f
DATA, ACK = 128, 129


def framed(message, sequence=1):
    """A data frame (RFC 6940, 6.6.2)."""
    return struct.pack(">BI", DATA, sequence) + len(message).to_bytes(3, "big") + message


def header(overlay=0, length=38, ttl=10, version=0x0a, via=0, destinations=0, options=0):
    """A forwarding header (6.3.2)."""
    return struct.pack(">IIHBBIIQIHHH", RELO_TOKEN, overlay, 0, version, ttl, 0xC0000000, length,
                       1, 0, via, destinations, options)


class HostileReload(OverlayCase):
    def connect(self, peer, directory=None):
        """TLS to a peer's RELOAD port, with the certificates of an enrolled directory."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if directory:
            context.load_cert_chain(os.path.join(directory, "node.crt"),
                                    os.path.join(directory, "node.key"))
        raw = socket.create_connection(("127.0.0.1", peer.reload_port), 10)
        self.addCleanup(raw.close)
        return context.wrap_socket(raw)

    def refused(self, peer, directory=None):
        """True if the peer ends the connection, in the handshake or right after it."""
        try:
            with self.connect(peer, directory) as stream:
                stream.settimeout(10)
                while stream.recv(65536):
                    pass
            return True
        except socket.timeout:
            return False
        except (ssl.SSLError, ConnectionError):
            return True

    def all_well(self):
        for peer in self.overlay.peers:
            self.assertTrue(peer.alive(), peer.log_tail())
        self.overlay.settle()
        for number in (1, 2, 3):
            with self.phone("alice", number) as phone:
                self.assertEqual(phone.register().status, 200)
                self.assertEqual(phone.register(expires=0).status, 200)

    def test_no_tls(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(4000), framed(header())):
            with socket.create_connection(("127.0.0.1", self.peer(1).reload_port), 10) as stream:
                stream.settimeout(20)
                stream.sendall(data)
                try:
                    while stream.recv(65536):
                        pass
                except ConnectionError:
                    pass
        self.all_well()

    def test_no_certificate(self):
        self.assertTrue(self.refused(self.peer(1)))
        self.all_well()

    def test_certificate_of_another_overlay(self):
        with Overlay() as other:
            stranger = other.enroll()
            before = len(self.peer(1).log())
            self.assertTrue(self.refused(self.peer(1), stranger.directory))
            wait_for(lambda: "certificate" in self.peer(1).log()[before:].lower(),
                     "a log line that says what was wrong")
        self.all_well()

    def test_a_peer_of_another_overlay_cannot_join(self):
        with Overlay() as other:
            stranger = other.enroll()
            stranger.overlay = self.overlay  # bootstraps from ours
            log = open(stranger.log_path, "wb")
            from lab.processes import start, stop
            process = start(stranger.command(False, ()), stdout=log, stderr=log)
            log.close()
            try:
                wait_for(lambda: "certificate" in stranger.log().lower(), "the stranger is told")
                self.assertNotIn("ready {", stranger.log())
            finally:
                stop(process, 2)
        self.all_well()

    def test_a_member_that_sends_garbage(self):
        """An enrolled identity whose process has gone bad."""
        bad = self.overlay.enroll(listed=False)
        messages = {
            "random": os.urandom(3000),
            "no frame type": b"\x00" * 64,
            "absurd frame length": struct.pack(">BI", DATA, 1) + b"\xff\xff\xff",
            "empty message": framed(b""),
            "short header": framed(header()[:20]),
            "wrong token": framed(b"\0" * 38),
            "other overlay": framed(header(overlay=0x12345678)),
            "odd version": framed(header(version=0xff)),
            "zero ttl": framed(header(ttl=0)),
            "length beyond": framed(header(length=0xffffffff)),
            "length short": framed(header(length=1)),
            "lists beyond": framed(header(via=0xffff, destinations=0xffff, options=0xffff)),
            "acks of nothing": struct.pack(">BII", ACK, 0xffffffff, 0xffffffff) * 1000,
            "too many frames": framed(header()) * 5000,
        }
        for name, data in messages.items():
            with self.subTest(name):
                stream = self.connect(self.peer(2), bad.directory)
                stream.settimeout(10)
                try:
                    stream.sendall(data)
                    stream.shutdown(socket.SHUT_WR)
                    while stream.recv(65536):
                        pass
                except (ssl.SSLError, ConnectionError, socket.timeout):
                    pass
                stream.close()
                self.assertTrue(self.peer(2).alive(), self.peer(2).log_tail())
        self.all_well()

    def test_a_member_that_says_nothing_is_dropped(self):
        bad = self.overlay.enroll(listed=False)
        self.assertTrue(self.refused(self.peer(3), bad.directory))
        self.all_well()

    def test_many_connections(self):
        streams = [socket.create_connection(("127.0.0.1", self.peer(1).reload_port), 5)
                   for _ in range(200)]
        self.all_well()
        for stream in streams:
            stream.close()
        self.all_well()

    def test_the_sip_port_between_peers_wants_a_certificate_too(self):
        host, port = self.peer(1).ready["sip_peer"].split(":")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection((host, int(port)), 10) as raw:
            with self.assertRaises((ssl.SSLError, ConnectionError, EOFError)):
                with context.wrap_socket(raw) as stream:
                    stream.settimeout(10)
                    stream.sendall(b"OPTIONS sip:example.org SIP/2.0\r\n\r\n")
                    if not stream.recv(4096):
                        raise EOFError
        self.all_well()


if __name__ == "__main__":
    unittest.main()
