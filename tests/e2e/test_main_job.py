"""What Carillon is for, as ./run --check shows it: with SIPp's phones, in under a minute."""

import os
import subprocess
import sys
import time
import unittest

from lab.processes import REPOSITORY

LIMIT_SECONDS = 60


class MainJob(unittest.TestCase):
    def test_a_call_after_the_responsible_peer_was_killed(self):
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-B", os.path.join(REPOSITORY, "scripts/demo.py"),
                               "--check"], capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("killed with SIGKILL", done.stdout)
        self.assertIn("ok: the second call was answered", done.stdout)
        self.assertLess(time.monotonic() - began, LIMIT_SECONDS)


if __name__ == "__main__":
    unittest.main()
