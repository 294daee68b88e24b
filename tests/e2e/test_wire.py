"""tshark, whose RELOAD dissector is not ours, reads what three peers really said."""

import subprocess
import unittest

from case import PASSWORDS
from lab.capture import Capture
from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import program, wait_for

# Message codes of RFC 6940, 14.8: a request is odd, its answer one more; 0xffff is an error.
MESSAGES = {"probe": 1, "attach": 3, "store": 7, "fetch": 9, "find": 13, "join": 15, "leave": 17,
            "update": 19, "route_query": 21, "ping": 23, "stat": 25, "app_attach": 29,
            "config_update": 33}
ERROR = 0xffff
# What every run of three peers that are used and of which one leaves has to send.
EXPECTED = {"attach", "join", "update", "route_query", "store", "fetch", "find", "leave"}
# Findings of tshark's own making: it flags signer identity `none` and our private Kinds.
OWN_FINDINGS = {"Unknown identity type", "Unknown data model"}
FIELDS = ("reload.message.code", "reload.error_response.code", "_ws.malformed", "_ws.expert.message",
          "_ws.expert.severity", "reload.forwarding.overlay", "reload.forwarding.token",
          "frame.number")


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay(keep_keys=True)
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        with Capture(cls.overlay.directory) as capture:
            cls.use()
            capture.finish()
            capture.decrypt([peer.keylog for peer in cls.overlay.peers],
                            [peer.reload_port for peer in cls.overlay.peers])
            cls.packets = capture.read(FIELDS)
            cls.broken = capture.read(("frame.number",), "reload-framing && _ws.malformed")
            cls.undecrypted = capture.read(
                ("frame.number",), "tls.app_data && !tls.app_data_proto && (" + " || ".join(
                    f"tcp.port == {peer.reload_port}" for peer in cls.overlay.peers) + ")")
            cls.frames = capture.frames()

    @classmethod
    def use(cls):
        """A life of an overlay: joins, users, registrations, a call, a death, a leave."""
        peers = cls.overlay.start(3)
        for user, password in PASSWORDS.items():
            cls.overlay.add_user(user, password)
        phones = []
        for number, user in enumerate(PASSWORDS):
            phone = Phone(user, peers[number].sip("udp"), password=PASSWORDS[user])
            phones.append(phone)
            assert phone.register().status == 200
        peers[0].carillon("user", "list")  # walks the ring with Find
        call = phones[0].call_user("bob")
        phones[1].reply(phones[1].expect("INVITE"), 486, "Busy Here")
        assert call.final().status == 486
        peers[1].terminate()
        cls.overlay.settle()
        wait_for(lambda: phones[0].bindings(), "alice's binding is still there")
        for phone in phones:
            phone.close()

    def codes(self):
        return [int(code, 0) for packet in self.packets
                for code in packet.get("reload.message.code", [])]

    def test_every_type_is_known(self):
        known = {code for request in MESSAGES.values() for code in (request, request + 1)}
        self.assertEqual({code for code in self.codes()} - known - {ERROR}, set())

    def test_every_expected_type_was_sent_and_answered(self):
        seen = set(self.codes())
        for name in EXPECTED:
            with self.subTest(name):
                self.assertIn(MESSAGES[name], seen)
                self.assertIn(MESSAGES[name] + 1, seen)

    def test_none_is_malformed(self):
        self.assertEqual([packet for packet in self.packets if "_ws.malformed" in packet], [])
        self.assertEqual(self.broken, [])
        findings = {message for packet in self.packets
                    for message in packet.get("_ws.expert.message", [])}
        self.assertEqual({finding for finding in findings
                          if not any(own.lower() in finding.lower() for own in OWN_FINDINGS)},
                         set())

    def test_everything_was_read(self):
        self.assertGreater(len(self.codes()), 50)
        self.assertEqual(self.undecrypted, [])

    def test_our_own_decoder_gives_back_the_same_octets(self):
        self.assertGreater(len(self.frames), 50)
        for frame in sorted(set(self.frames)):
            done = subprocess.run([program(), "decode", "--framed", "--reencode", frame],
                                  capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 0, f"{frame}: {done.stderr}")
            self.assertEqual(done.stdout.strip(), frame)


if __name__ == "__main__":
    unittest.main()
