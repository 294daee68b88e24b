"""The systemd unit: systemd itself finds nothing wrong, and its times fit the peer's."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

from lab.processes import REPOSITORY, program
from package import UNIT


def settings():
    with open(UNIT, encoding="utf-8") as unit:
        return re.findall(r"^(\w+)=(.*)$", unit.read(), re.MULTILINE)


def source(*path):
    with open(os.path.join(REPOSITORY, "src", *path), encoding="utf-8") as file:
        return file.read()


def milliseconds(text, name):
    return int(re.search(name + r"\{([\d']+)\}", text).group(1).replace("'", ""))


class Unit(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_systemd_finds_nothing_wrong(self):
        with tempfile.TemporaryDirectory() as directory:
            # The program stands elsewhere than it will be installed.
            with open(UNIT, encoding="utf-8") as unit:
                text = unit.read().replace("/usr/bin/carillon", program())
            path = os.path.join(directory, "carillon.service")
            with open(path, "w", encoding="utf-8") as copy:
                copy.write(re.sub("(?m)^Documentation=.*$", "", text))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], text=True,
                                  capture_output=True, timeout=60, check=False)
        complaints = [line for line in done.stderr.splitlines() if "carillon" in line]
        self.assertEqual(complaints, [])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_it_is_shut_in(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=25",
                               UNIT], text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)

    def test_stopping_has_time_for_all_that_leaving_waits_for(self):
        leaving = source("app", "leaving.hpp")
        options = source("peer", "peer_options.hpp")
        total = (milliseconds(leaving, "transactions_within")
                 + milliseconds(leaving, "withdrawn_within")
                 + milliseconds(options, "drain_deadline")
                 + milliseconds(options, "goodbye_deadline")
                 + milliseconds(source("app", "daemon.cpp"), "farewell_within"))
        unit = dict(settings())
        self.assertGreaterEqual(int(unit["TimeoutStopSec"]) * 1000, total + 5000)
        self.assertEqual(unit["Type"], "notify")

    def test_nothing_is_set_twice(self):
        names = [name for name, _ in settings()]
        twice = {name for name in names if names.count(name) > 1}
        self.assertEqual(twice, {"SystemCallFilter"})

    def test_the_pattern_of_settings_is_understood(self):
        path = os.path.join(REPOSITORY, "deploy", "systemd", "peer.toml")
        with open(path, "rb") as file:
            keys = tomllib.load(file)
        help_text = subprocess.run([program(), "peer", "--help"], capture_output=True, text=True,
                                   check=True, timeout=60).stdout
        with open(path, encoding="utf-8") as file:
            commented = re.findall(r"^# ([a-z-]+) = ", file.read(), re.MULTILINE)
        for key in [*keys, *commented]:
            self.assertIn(f"--{key} ", help_text)


if __name__ == "__main__":
    unittest.main()
