"""The Debian package: what is in it, what it says of itself, and what its scripts do."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

import package
from lab.processes import REPOSITORY

SCRIPTS = os.path.join(REPOSITORY, "deploy", "debian")
# What the maintainer scripts call; here each only says that it was called.
STUBBED = ("adduser", "deluser", "getent", "install", "rm", "systemctl", "deb-systemd-helper",
           "deb-systemd-invoke")


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("cpack"), "no Debian tools here")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="carillon-package-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.deb = package.make(cls.directory)

    def dpkg(self, *arguments):
        return subprocess.run(["dpkg-deb", *arguments], capture_output=True, text=True, check=True,
                              timeout=120).stdout

    def test_what_it_says_of_itself(self):
        fields = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", self.dpkg("--info", self.deb).replace(
            "\n ", "\n"), re.MULTILINE))
        self.assertEqual(fields["Package"], "carillon")
        self.assertRegex(fields["Version"], r"^\d+\.\d+\.\d+")
        for needed in ("adduser", "init-system-helpers", "libc6", "libssl3", "liblmdb0", "libxml2"):
            self.assertIn(needed, fields["Depends"])

    def test_what_is_in_it(self):
        files = {}
        for line in self.dpkg("--contents", self.deb).splitlines():
            mode, owner, *_, name = line.split(maxsplit=5)
            files[name.lstrip(".")] = (mode, owner)
        for name, mode in (("/usr/bin/carillon", "-rwxr-xr-x"),
                           ("/usr/lib/systemd/system/carillon.service", "-rw-r--r--"),
                           ("/usr/share/doc/carillon/copyright", "-rw-r--r--"),
                           ("/usr/share/doc/carillon/operations.md", "-rw-r--r--"),
                           ("/usr/share/doc/carillon/examples/peer.toml", "-rw-r--r--")):
            self.assertIn(name, files)
            self.assertEqual(files[name], (mode, "root/root"))
        for name in files:
            self.assertTrue(name.startswith("/usr"), name)

    def test_the_program_in_it_runs_and_is_stripped(self):
        root = os.path.join(self.directory, "unpacked")
        self.dpkg("--extract", self.deb, root)
        program = os.path.join(root, "usr", "bin", "carillon")
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True,
                              timeout=60).stdout
        self.assertRegex(said, r"^carillon \d")
        sections = subprocess.run(["readelf", "-S", program], capture_output=True, text=True,
                                  check=True, timeout=60).stdout
        self.assertNotIn(".debug_info", sections)

    def test_lintian_finds_no_error(self):
        if not shutil.which("lintian"):
            self.skipTest("no lintian here")
        # It wants a Debian changelog, which is for packages that Debian keeps.
        done = subprocess.run(["lintian", "--allow-root", "--no-tag-display-limit",
                               "--suppress-tags", "no-changelog,changelog-file-missing-in-native-package",
                               self.deb], capture_output=True, text=True, timeout=280, check=False)
        errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
        self.assertEqual(errors, [])

    # The scripts, each command a stub that only writes down how it was called.

    def calls(self, script, *arguments, answers=None):
        stubs = os.path.join(self.directory, "stubs")
        os.makedirs(stubs, exist_ok=True)
        journal = os.path.join(stubs, "journal")
        open(journal, "w", encoding="utf-8").close()
        for name in STUBBED:
            path = os.path.join(stubs, name)
            with open(path, "w", encoding="utf-8") as stub:
                status = (answers or {}).get(name, 0)
                stub.write(f'#!/bin/sh\necho "{name} $*" >> {journal}\nexit {status}\n')
            os.chmod(path, 0o755)
        subprocess.run(["/bin/sh", "-eu", os.path.join(SCRIPTS, script), *arguments], check=True,
                       timeout=60, env={"PATH": stubs})
        with open(journal, encoding="utf-8") as lines:
            return lines.read().splitlines()

    def test_scripts_are_executable_and_good_shell(self):
        for name in ("postinst", "prerm", "postrm"):
            path = os.path.join(SCRIPTS, name)
            self.assertTrue(os.stat(path).st_mode & stat.S_IXUSR, name)
            subprocess.run(["/bin/sh", "-n", path], check=True, timeout=60)

    def test_installing_makes_the_user_and_its_directories(self):
        called = self.calls("postinst", "configure", answers={"getent": 2})
        self.assertIn("adduser --quiet --system --group --home /var/lib/carillon --no-create-home "
                      "--gecos Carillon SIP registrar carillon", called)
        self.assertIn("install -d -o carillon -g carillon -m 0700 /var/lib/carillon", called)
        self.assertIn("deb-systemd-helper enable carillon.service", called)

    def test_installing_again_keeps_the_user(self):
        called = self.calls("postinst", "configure", "0.1.0")
        self.assertFalse([line for line in called if line.startswith("adduser")])

    def test_a_disabled_service_stays_disabled(self):
        called = self.calls("postinst", "configure", "0.1.0", answers={"deb-systemd-helper": 1})
        self.assertNotIn("deb-systemd-helper enable carillon.service", called)

    def test_removing_keeps_data_purging_does_not(self):
        self.assertFalse([line for line in self.calls("postrm", "remove")
                          if line.startswith(("rm", "deluser"))])
        self.assertFalse([line for line in self.calls("postrm", "upgrade", "0.2.0")
                          if line.startswith(("rm", "deluser"))])
        called = self.calls("postrm", "purge")
        self.assertIn("rm -rf /var/lib/carillon /etc/carillon", called)

    def test_the_peer_leaves_before_an_upgrade_and_a_removal(self):
        # Whether systemd runs here decides whether there is anything to stop.
        expected = ["deb-systemd-invoke stop carillon.service"]
        if not os.path.isdir("/run/systemd/system"):
            expected = []
        self.assertEqual(self.calls("prerm", "upgrade", "0.2.0"), expected)
        self.assertEqual(self.calls("prerm", "remove"), expected)
        self.assertEqual(self.calls("prerm", "failed-upgrade", "0.1.0"), [])


if __name__ == "__main__":
    unittest.main()
