"""HEPv3 to a Homer collector: sngrep, which is not ours, reads what peers send to one."""

import collections
import ipaddress
import os
import shutil
import socket
import struct
import subprocess
import threading
import unittest

from case import OverlayCase
from lab.processes import free_port, start, stop, wait_for

AGENT, PASSWORD = 4711, "homer-secret"
TCP, UDP = 6, 17

Captured = collections.namedtuple("Captured", "chunks source destination payload")


def decode(packet):
    """A packet by its chunks (HEP3 Network Protocol Specification)."""
    assert packet[:4] == b"HEP3" and struct.unpack("!H", packet[4:6])[0] == len(packet)
    chunks, rest = {}, packet[6:]
    while rest:
        vendor, kind, length = struct.unpack("!HHH", rest[:6])
        assert vendor == 0 and 6 <= length <= len(rest)
        chunks[kind], rest = rest[6:length], rest[length:]
    addresses = [str(ipaddress.ip_address(chunks[v4] if chunks[1] == b"\x02" else chunks[v6]))
                 for v4, v6 in ((3, 5), (4, 6))]
    ports = [struct.unpack("!H", chunks[kind])[0] for kind in (7, 8)]
    return Captured(chunks, (addresses[0], ports[0]), (addresses[1], ports[1]),
                    chunks[15].decode())


class Collector:
    """Takes what comes and gives sngrep the same."""

    def __init__(self, forward_to):
        self.packets = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.forward_to = forward_to
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            while True:
                packet = self.socket.recv(65535)
                self.socket.sendto(packet, ("127.0.0.1", self.forward_to))
                self.packets.append(packet)
        except OSError:
            return

    def close(self):
        self.socket.close()


class Capture(OverlayCase):
    PEERS = 2

    @classmethod
    def overlay_options(cls):
        cls.sngrep_port = free_port()
        cls.collector = Collector(cls.sngrep_port)
        cls.addClassCleanup(cls.collector.close)
        return {"peer_options": ("--capture", f"udp:127.0.0.1:{cls.collector.port}", "--capture-id",
                                 str(AGENT), "--capture-password", PASSWORD)}

    def sngrep(self):
        """A file that sngrep writes what it hears into."""
        path = os.path.join(self.overlay.directory, "sngrep.pcap")
        log = open(os.path.join(self.overlay.directory, "sngrep.log"), "wb")
        process = start([shutil.which("sngrep"), "-N", "-q", "-L",
                         f"udp:127.0.0.1:{self.sngrep_port}", "-O", path], stdout=log, stderr=log)
        log.close()
        self.addCleanup(stop, process, 5)
        at = f"0100007F:{self.sngrep_port:04X}"

        def listens():
            with open("/proc/net/udp", encoding="ascii") as table:
                return any(line.split()[1] == at for line in table.readlines()[1:])
        wait_for(listens, "sngrep listens")
        return process, path

    def read_by_tshark(self, path):
        done = subprocess.run(
            ["tshark", "-n", "-r", path, "-Y", "sip", "-T", "fields", "-e", "ip.src", "-e",
             "udp.srcport", "-e", "udp.dstport", "-e", "sip.Request-Line", "-e", "sip.Status-Line",
             "-e", "sip.Call-ID"], capture_output=True, text=True, timeout=60, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def test_every_message_of_a_call_is_told(self):
        process, path = self.sngrep()
        bob = self.registered("bob", 2, "tcp")  # On a flow: the call goes from peer to peer.
        alice = self.phone("alice", 1)
        alice_at, bob_at = tuple_of(alice.address), tuple_of(bob.address)
        self.collector.packets.clear()
        call = alice.call_user("bob")
        invite = bob.expect("INVITE")
        bob.reply(invite, 486, "Busy Here")
        self.assertEqual(call.final().status, 486)

        def told(what, source=None, destination=None):
            return [one for one in map(decode, list(self.collector.packets))
                    if one.payload.startswith(what) and source in (None, one.source)
                    and destination in (None, one.destination)]
        first, second = self.peer(1).sip("udp"), self.peer(2).sip("tcp")
        wait_for(lambda: len(told("ACK ", alice_at)) == 2 and
                 told("ACK ", second, bob_at), "the last ACK is told")
        leg = told("INVITE ", None, tuple_of(self.peer(2).ready["sip_peer"]))
        self.assertTrue(leg, "what goes under TLS from peer to peer is told in the clear")
        self.assertEqual(len(told("INVITE ", alice_at, first)), 2)
        self.assertEqual(len(told("SIP/2.0 407 ", first, alice_at)), 1)
        self.assertEqual(len(told("INVITE ", second, bob_at)), 1)
        self.assertEqual(len(told("SIP/2.0 486 ", bob_at, second)), 1)
        self.assertEqual(len(told("SIP/2.0 486 ", first, alice_at)), 1)

        for one in map(decode, list(self.collector.packets)):
            self.assertEqual(one.chunks[0x0b], b"\x01")
            self.assertEqual(one.chunks[0x0c], struct.pack("!I", AGENT))
            self.assertEqual(one.chunks[0x0e], PASSWORD.encode())
            self.assertIn(one.chunks[0x02], (bytes([TCP]), bytes([UDP])))
            if one.payload.split()[0] in ("INVITE", "ACK"):
                self.assertEqual(one.chunks[0x11].decode(), call.call_id)

        # sngrep has the same.
        wait_for(lambda: any(alice_at[1] in map(int, row[1:3]) and "486" in row[4]
                             for row in self.read_by_tshark(path)), "sngrep has read the answer")
        rows = self.read_by_tshark(path)
        self.assertTrue(any(row[3].startswith("INVITE") and int(row[1]) == alice_at[1] and
                            row[5] == call.call_id for row in rows))
        self.assertIsNone(process.poll())
        counted = self.peer(1).metrics()
        self.assertGreater(counted['carillon_capture_packets_total{result="sent"}'], 8)
        self.assertEqual(counted['carillon_capture_packets_total{result="dropped"}'], 0)


class CollectorGone(OverlayCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        return {"peer_options": ("--capture", f"udp:127.0.0.1:{free_port()}")}

    def test_nobody_listening_changes_nothing(self):
        alice, bob = self.registered("alice", 1), self.registered("bob", 1)
        for _ in range(3):
            self.talk(alice, bob, "bob")
        for _ in range(200):
            self.assertEqual(alice.register().status, 200)


def tuple_of(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


if __name__ == "__main__":
    unittest.main()
