"""IPv6 over every transport, and STUN on the UDP port over either version."""

import os
import socket
import struct
import unittest

from lab.phone import ANSWER_SECONDS
from secure_case import SecureCase

COOKIE = 0x2112a442


class Ipv6Phones(SecureCase):
    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        v6 = [part for kind in cls.TRANSPORTS for part in ("--sip", f"{kind}:[::1]:0")]
        return {**options, "transports": (), "peer_options": (*options["peer_options"], *v6)}

    def test_registers_and_calls_over_every_transport(self):
        for transport in self.TRANSPORTS:
            with self.subTest(transport=transport):
                called = self.phone("bob", 1, transport)
                self.assertEqual(called.register().status, 200)
                self.assertEqual(called.bindings(), [called.contact_uri])
                self.talk(self.phone("alice", 3, transport), called, "bob")
                self.talk(self.phone("alice", 1, "udp"), called, "bob")
                self.forget("bob", 1)


class Stun(SecureCase):
    """RFC 5626, 4.4.2: phones keep their NAT open with Binding requests."""

    PEERS = 1

    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        return {**options, "transports": ("udp",),
                "peer_options": (*options["peer_options"], "--sip", "udp:[::1]:0")}

    def ask(self, host, port, request):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as phone:
            phone.settimeout(ANSWER_SECONDS)
            phone.bind((host, 0))
            phone.sendto(request, (host, port))
            return phone.recv(1500), phone.getsockname()

    def test_tells_a_phone_its_address(self):
        listeners = [address.rsplit(":", 1) for address in self.peer(1).ready["sip"]]
        for place, port in listeners:
            host = place.removeprefix("udp:").strip("[]")
            with self.subTest(host=host):
                identity = os.urandom(12)
                request = struct.pack("!HHI", 1, 0, COOKIE) + identity
                answer, address = self.ask(host, int(port), request)
                self.assertEqual(answer[:2], b"\x01\x01")
                self.assertEqual(answer[4:20], request[4:])
                kind, _, family, mapped_port = struct.unpack("!HHHH", answer[20:28])
                self.assertEqual((kind, mapped_port ^ (COOKIE >> 16)), (0x20, address[1]))
                mapped = bytes(a ^ b for a, b in zip(answer[28:], request[4:]))
                version = socket.AF_INET if family == 1 else socket.AF_INET6
                self.assertEqual(socket.inet_ntop(version, mapped), host)

    def test_rubbish_is_not_answered_and_does_no_harm(self):
        host, port = self.peer(1).sip("udp")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(ANSWER_SECONDS)
            for size in range(1, 60):
                phone.sendto(b"\x00\x01" + os.urandom(size), (host, port))
            good = struct.pack("!HHI", 1, 0, COOKIE) + b"twelve bytes"
            phone.sendto(good, (host, port))
            self.assertEqual(phone.recv(1500)[8:20], b"twelve bytes")


if __name__ == "__main__":
    unittest.main()
