"""A disk that runs full: said so, nothing lost, and all goes on when there is room again."""

import os
import subprocess
import unittest

from lab.overlay import Overlay
from lab.phone import Phone

CONTACTS = "0xf0000001"


@unittest.skipUnless(os.geteuid() == 0, "only root may mount a small disk")
class FullDisk(unittest.TestCase):
    USERS = 20

    def setUp(self):
        self.overlay = Overlay()
        self.overlay.__enter__()
        self.addCleanup(self.overlay.__exit__)
        self.peer = self.overlay.enroll()
        os.mkdir(self.peer.data)
        self.mount("size=1m", "tmpfs")
        self.addCleanup(subprocess.run, ["umount", self.peer.data], check=True)
        self.addCleanup(lambda: self.peer.alive() and self.peer.kill())
        self.peer.start(first=True)
        for number in range(self.USERS):
            self.overlay.add_user(f"bob{number}", "secret")

    def mount(self, options, *what):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, *what, self.peer.data], check=True)

    def status_of_register(self, number):
        with Phone(f"bob{number}", self.peer.sip("udp"), password="secret") as phone:
            return phone.register().status

    def register_until_refused(self):
        """How many could register. One may, where a value was refused: the database uses pages
        again that have become free."""
        for number in range(self.USERS):
            status = self.status_of_register(number)
            if status == 503:
                return number
            self.assertEqual(status, 200)
            self.fill(f"small{number}-", 1)
        raise AssertionError("no registration was refused")

    def fill(self, stem, size):
        """Stores values until one is refused; how many were acknowledged, and the refusal."""
        for number in range(1000):
            done = self.peer.try_carillon("store", f"{stem}{number}@example.org", "--kind", CONTACTS,
                                          "--text", "x" * size)
            if done.returncode != 0:
                return number, done.stderr
        raise AssertionError("the disk did not run full")

    def stored(self, name):
        return self.peer.carillon("lookup", f"{name}@example.org", "--kind", CONTACTS,
                                  "--json").count('"hex"')

    def test_everything_acknowledged_is_kept(self):
        count, refusal = self.fill("large", 3000)
        self.assertIn("disk_full", refusal)
        registered = self.register_until_refused()
        self.assertIn("No space left", self.peer.log())
        self.assertEqual(self.peer.status()["state"], "joined")
        self.assertEqual(self.stored(f"large{count - 1}"), 1)

        self.peer.kill()
        self.peer.start(first=True)  # On the full disk, too.
        self.assertEqual(self.peer.status()["state"], "joined")
        self.mount("remount,size=16m")
        self.assertEqual(self.status_of_register(self.USERS - 1), 200)
        for number in range(registered + 1):
            found = self.peer.lookup(f"bob{number}@example.org")["bindings"]
            self.assertEqual(len(found), 1 if number < registered else 0, number)
        for number in range(0, count, 20):
            self.assertEqual(self.stored(f"large{number}"), 1, number)
        self.assertEqual(self.stored(f"large{count}"), 0, "what was refused is not there")


@unittest.skipUnless(os.geteuid() == 0, "only root may mount a disk")
class ReadOnlyDisk(unittest.TestCase):
    def test_one_line_says_so(self):
        with Overlay() as overlay:
            peer = overlay.enroll()
            os.mkdir(peer.data)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", peer.data], check=True)
            try:
                done = subprocess.run(peer.command(True, ()), capture_output=True, text=True,
                                      timeout=20, check=False)
            finally:
                subprocess.run(["umount", peer.data], check=True)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(peer.data, done.stderr)
            self.assertIn("Read-only file system", done.stderr)


if __name__ == "__main__":
    unittest.main()
