"""`carillon decode` as it is typed: JSON, the same octets again, or one line and exit status 1."""

import glob
import json
import os
import random
import subprocess
import unittest

from lab.processes import REPOSITORY, program

GOLDEN = os.path.join(REPOSITORY, "tests", "wire", "golden")


def golden(name):
    """The digits of a file in there, whose README says how they are written."""
    with open(os.path.join(GOLDEN, name), encoding="ascii") as text:
        words = " ".join(line.split(";")[0] for line in text).split()
    return "".join(golden(word[1:] + ".hex") if word.startswith("@") else word for word in words)


def decode(*arguments, stdin=""):
    return subprocess.run([program(), "decode", *arguments], input=stdin, capture_output=True,
                          text=True, timeout=20, check=False)


class Decode(unittest.TestCase):
    def refused(self, *arguments, stdin=""):
        """The one line."""
        done = decode(*arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stderr

    def test_json_with_the_fields_of_the_rfc(self):
        printed = json.loads(decode(golden("message.hex")).stdout)
        self.assertEqual(set(printed), {"forwarding_header", "message_contents", "security_block"})
        self.assertIn("relo_token", printed["forwarding_header"])
        self.assertIn("message_code", printed["message_contents"])
        self.assertIn("signature", printed["security_block"])
        self.assertEqual(decode("-", stdin=golden("message.hex") + "\n").stdout,
                         decode(golden("message.hex")).stdout)

    def test_reencoding_gives_the_same_octets(self):
        self.assertEqual(decode("--reencode", golden("message.hex")).stdout.strip(),
                         golden("message.hex"))

    def test_framed(self):
        message = golden("message.hex")
        framed = "80" + "00000001" + f"{len(message) // 2:06x}" + message
        self.assertIn("message", json.loads(decode("--framed", framed).stdout))
        self.assertEqual(decode("--framed", "--reencode", framed).stdout.strip(), framed)
        self.assertEqual(decode("--framed", "--reencode", "81" + "0000000500000003").stdout.strip(),
                         "810000000500000003")

    def test_what_is_cut_short(self):
        message = golden("message.hex")
        for length in range(0, len(message), 14):
            self.refused("--", message[:length])

    def test_what_is_malformed_says_where(self):
        message = golden("message.hex")
        self.assertIn("relo_token", self.refused("00" + message[2:]))
        self.assertRegex(self.refused(message[:100]), r"at offset \d+")
        self.refused(message + "00")
        self.refused("no digits")
        self.refused("0")
        self.refused("-", stdin="")

    def test_what_is_mutated_is_printed_or_refused(self):
        octets = bytes.fromhex(golden("message.hex"))
        generator = random.Random(6940)
        for _ in range(100):
            changed = bytearray(octets)
            for _ in range(generator.randrange(1, 5)):
                changed[generator.randrange(len(changed))] = generator.randrange(256)
            done = decode(changed.hex())
            if done.returncode == 0:
                json.loads(done.stdout)
            else:
                self.assertEqual(done.returncode, 1, changed.hex())
                self.assertEqual(len(done.stderr.splitlines()), 1, changed.hex())

    def test_bodies_are_no_messages(self):
        for path in glob.glob(os.path.join(GOLDEN, "*.hex")):
            self.assertIn(decode(golden(path)).returncode, (0, 1), path)


if __name__ == "__main__":
    unittest.main()
