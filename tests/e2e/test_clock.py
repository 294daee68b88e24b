"""A peer whose clock is nearly an hour behind: it cannot get into the ring, and everybody knows why."""

import json
import os
import re
import subprocess
import unittest

from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import start, stop, wait_for

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
BEHIND_SECONDS = 3000  # Certificates are made good an hour back.


@unittest.skipUnless(os.path.exists(FAKETIME), "no libfaketime here")
class Clock(unittest.TestCase):
    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()
        self.overlay.start(3)

    def test_the_one_that_is_wrong_and_the_others_say_so(self):
        self.overlay.add_user("alice", "wonder-1")
        with Phone("alice", self.overlay.peers[0].sip("udp"), "example.org", "wonder-1") as phone:
            self.assertEqual(phone.register().status, 200)
        late = self.overlay.enroll(listed=False)
        with open(late.log_path, "ab") as log:
            process = start(late.command(False, []), stdout=subprocess.DEVNULL, stderr=log, env={
                **os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME": f"-{BEHIND_SECONDS}s",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.addCleanup(stop, process)
        wait_for(lambda: "our clock is" in late.log(), "it notices", 90)
        told = re.search(r"error our clock is (\d+) s behind the others' \(of [123] peers\): set it",
                         late.log())
        self.assertIsNotNone(told, late.log())
        self.assertAlmostEqual(int(told[1]), BEHIND_SECONDS, delta=5)

        clock = json.loads(late.carillon("status", "--json"))["clock"]
        self.assertTrue(clock["wrong"])
        self.assertAlmostEqual(clock["behind_s"], BEHIND_SECONDS, delta=5)
        self.assertRegex(late.carillon("status"), r"clock +wrong true ")
        wait_for(lambda: any(re.search(r"warning the clock of node \w+ is \d+ s behind ours and others'",
                                       peer.log()) for peer in self.overlay.peers),
                 "the others notice", 90)
        for peer in self.overlay.peers:
            self.assertNotIn("our clock", peer.log())
            self.assertLess(abs(peer.metrics()["carillon_clock_behind_seconds"]), 5)
            self.assertFalse(peer.status()["clock"]["wrong"])


if __name__ == "__main__":
    unittest.main()
