"""What Carillon is for, as ./run shows it to a newcomer, and ./run --check by itself."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from lab.phone import Phone
from lab.processes import REPOSITORY, start, stop, wait_for

DEMO = [sys.executable, "-B", os.path.join(REPOSITORY, "scripts", "demo.py")]
LIMIT_SECONDS = 60
CALLED, CALLER = "bob", "alice"
# A line of what is printed for a peer, and for a user.
PEER = re.compile(r"peer (\d)\s+server ([\d.]+)\s+port (\d+) \(UDP\) or (\d+) \(TCP\)\s+"
                  r"process (\d+)")
USER = re.compile(r"user (\w+)\s+password (\w+)\s+called as (sip:\S+)")


class Check(unittest.TestCase):
    def test_a_call_after_the_responsible_peer_was_killed(self):
        began = time.monotonic()
        done = subprocess.run([*DEMO, "--check"], capture_output=True, text=True, timeout=200,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        steps = re.findall(r"^ *(\d+)\. (.*)$", done.stdout, re.MULTILINE)
        self.assertEqual([int(number) for number, _ in steps], list(range(1, len(steps) + 1)))
        wanted = ("joined one overlay", "users", "registered at peer 2 with digest",
                  "through peer 3: answered", "peer 1 is responsible", "killed with SIGKILL",
                  "again through peer 3")
        for words, (_, text) in zip(wanted, steps):
            self.assertIn(words, text)
        self.assertIn("ok: the second call was answered", done.stdout)
        self.assertLess(time.monotonic() - began, LIMIT_SECONDS)

    def test_it_fails_if_a_call_is_not_answered(self):
        """With a program that cannot do it, so that `ok` means something."""
        with tempfile.TemporaryDirectory() as directory:
            broken = os.path.join(directory, "carillon")
            with open(broken, "w", encoding="ascii") as script:
                script.write("#!/bin/sh\nexit 1\n")
            os.chmod(broken, 0o755)
            done = subprocess.run([*DEMO, "--check"], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "CARILLON_PROGRAM": broken}, check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stderr, "^failed: ")


class Run(unittest.TestCase):
    """A newcomer who does what is printed."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.output_path = os.path.join(self.directory.name, "output")
        self.scratch = os.path.join(self.directory.name, "scratch")
        os.mkdir(self.scratch)
        with open(self.output_path, "wb") as output:
            self.process = start(DEMO, stdout=output, stderr=output,
                                 env={**os.environ, "TMPDIR": self.scratch})
        self.addCleanup(stop, self.process)
        wait_for(lambda: "Ctrl-C ends it all" in self.output(), "what to enter is printed", 40)
        self.peers = {int(number): (host, int(udp), int(tcp), int(pid))
                      for number, host, udp, tcp, pid in PEER.findall(self.output())}
        self.users = {user: password for user, password, _ in USER.findall(self.output())}

    def output(self):
        with open(self.output_path, encoding="utf-8") as text:
            return text.read()

    def phone(self, user, peer, transport):
        host, udp, tcp, _ = self.peers[peer]
        phone = Phone(user, (host, udp if transport == "udp" else tcp),
                      password=self.users[user], transport=transport)
        self.addCleanup(phone.close)
        self.assertEqual(phone.register().status, 200)
        return phone

    def call(self, caller, called):
        call = caller.call_user(CALLED)
        called.reply(called.expect("INVITE"), 486, "Busy Here")
        self.assertEqual(call.final().status, 486)
        called.expect("ACK")

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(20)
        for _, _, _, pid in self.peers.values():
            self.assertFalse(os.path.exists(f"/proc/{pid}"), f"process {pid} is still there")
        self.assertEqual(os.listdir(self.scratch), [], "files are left behind")
        return status

    def test_phones_call_each_other_and_again_when_a_peer_was_killed(self):
        self.assertEqual(sorted(self.peers), [1, 2, 3])
        self.assertEqual(len(self.users), 3)
        called, caller = self.phone(CALLED, 1, "udp"), self.phone(CALLER, 2, "tcp")
        self.call(caller, called)
        os.kill(self.peers[3][3], signal.SIGKILL)
        wait_for(lambda: "peer 3 has gone" in self.output(), "it is said that a peer has gone")
        self.call(caller, called)
        self.assertEqual(self.end(signal.SIGINT), 0)

    def test_it_ends_all_however_it_is_ended(self):
        self.assertNotEqual(self.end(signal.SIGTERM), 0)


if __name__ == "__main__":
    unittest.main()
