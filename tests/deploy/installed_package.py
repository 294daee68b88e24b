"""The package in a Debian of its own (debootstrap): installed, run, upgraded, removed, purged."""

import os
import shutil
import subprocess
import tempfile
import unittest

import package

SUITE = "bookworm"


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("debootstrap"), "needs root and debootstrap")
class InstalledPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="carillon-chroot-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.root = os.path.join(cls.directory, "root")
        done = subprocess.run(["debootstrap", "--variant=minbase",
                               "--include=adduser,init-system-helpers,systemd", SUITE, cls.root],
                              capture_output=True, text=True, timeout=900, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest("debootstrap cannot fetch Debian: " + done.stdout[-300:])
        shutil.copy("/etc/resolv.conf", os.path.join(cls.root, "etc", "resolv.conf"))

    def inside(self, *command, check=True):
        done = subprocess.run(["chroot", self.root, *command], capture_output=True, text=True,
                              timeout=600, check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                                   "DEBIAN_FRONTEND": "noninteractive"})
        if check:
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout

    def exists(self, path):
        return os.path.lexists(os.path.join(self.root, path.lstrip("/")))

    def bring(self, version=None):
        deb = package.make(self.directory, version)
        shutil.copy(deb, os.path.join(self.root, "tmp"))
        return "/tmp/" + os.path.basename(deb)

    def test_its_whole_life(self):
        self.inside("apt-get", "-q", "-y", "--no-install-recommends", "install", self.bring())
        self.assertIn("carillon", self.inside("carillon", "--version"))
        self.assertEqual(self.inside("stat", "-c", "%U:%G %a", "/var/lib/carillon").strip(),
                         "carillon:carillon 700")
        self.assertTrue(self.exists(
            "/etc/systemd/system/multi-user.target.wants/carillon.service"))
        self.inside("systemd-analyze", "verify", "--man=no",
                    "/usr/lib/systemd/system/carillon.service", check=False)

        # What the administrator and the peer have written survives an upgrade and a removal.
        self.inside("sh", "-c", "echo '# mine' > /etc/carillon/peer.toml; "
                                "echo mine > /var/lib/carillon/file")
        self.inside("systemctl", "disable", "carillon")
        self.inside("apt-get", "-q", "-y", "install", self.bring("0.1.99"))
        self.assertIn("0.1.99", self.inside("dpkg-query", "-W", "carillon"))
        self.assertFalse(self.exists(
            "/etc/systemd/system/multi-user.target.wants/carillon.service"))
        self.inside("dpkg", "--remove", "carillon")
        self.assertFalse(self.exists("/usr/bin/carillon"))
        self.assertTrue(self.exists("/etc/carillon/peer.toml"))
        self.assertTrue(self.exists("/var/lib/carillon/file"))

        self.inside("dpkg", "--purge", "carillon")
        for path in ("/etc/carillon", "/var/lib/carillon", "/usr/share/doc/carillon"):
            self.assertFalse(self.exists(path), path)
        self.assertEqual(self.inside("getent", "passwd", "carillon", check=False), "")
        left = self.inside("sh", "-c", "find / -xdev -path /proc -prune -o -path /tmp -prune -o "
                                       "-name '*carillon*' -print")
        self.assertEqual(left, "")


if __name__ == "__main__":
    unittest.main()
