"""A C program that is a peer of a ring, beside peers of the daemon (examples/peer_in_c.c)."""

import os
import subprocess
import unittest

from lab.overlay import Overlay
from lab.phone import Phone

SECONDS = 60


class PeerInC(unittest.TestCase):
    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()
        self.overlay.start(2)
        self.overlay.add_user("bob", "builder-2")
        phone = Phone("bob", self.overlay.peers[1].sip(), password="builder-2")
        self.addCleanup(phone.close)
        self.assertEqual(phone.register().status, 200)

    def run_example(self, name, bootstrap=None):
        peer = self.overlay.enroll(listed=False)
        return subprocess.run(
            [os.environ["CARILLON_EXAMPLE"], peer.directory, peer.directory + "-data",
             "127.0.0.1:0", bootstrap or self.overlay.peers[0].ready["reload"],
             "bob@example.org", name],
            capture_output=True, text=True, timeout=SECONDS, check=False)

    def test_it_joins_looks_up_stores_and_leaves(self):
        first = self.run_example("hotline@example.org")
        self.assertEqual(first.returncode, 0, first.stderr)
        lines = first.stdout.splitlines()
        own = lines[0].removeprefix("joined as ")
        self.assertEqual(lines[1:], [
            "bob@example.org:",
            f"  bob@example.org, by node {self.overlay.peers[1].node_id}",
            "hotline@example.org:",
            f"  hotline@example.org, by node {own}: look up bob@example.org"])
        self.overlay.settle()
        # It has gone, and what it said is still there.
        second = self.run_example("hotline@example.org")
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertIn(f"by node {own}: look up", second.stdout)

    def test_who_finds_nobody_says_so(self):
        alone = self.run_example("hotline@example.org", bootstrap="127.0.0.1:1")
        self.assertEqual(alone.returncode, 1)
        self.assertIn("unreachable", alone.stderr)
        self.assertEqual(alone.stdout, "")


if __name__ == "__main__":
    unittest.main()
