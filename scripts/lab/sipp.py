"""SIPp as a phone: scenarios of scripts/sipp/ or of a test, run in a directory of their own."""

import os
import subprocess

from lab.processes import REPOSITORY, LabError, free_port, start, stop

SCENARIOS = os.path.join(REPOSITORY, "scripts", "sipp")


class Sipp:
    """One SIPp process. `target` is (host, port) of a peer; a called phone has none."""

    def __init__(self, scenario, directory, target=None, user="service", password="", port=None,
                 calls=1, transport="u1", seconds=30, domain="example.org", options=(), keys=(),
                 address="127.0.0.1", prepare=None):
        path = scenario if os.path.isabs(scenario) else os.path.join(SCENARIOS, scenario)
        self.port = port or free_port()
        self.name = f"{os.path.basename(scenario)[:-4]}-{self.port}"
        self.output_path = os.path.join(directory, self.name + ".out")
        self.errors_path = os.path.join(directory, self.name + ".errors")
        command = ["sipp", "-sf", path, "-i", address, "-p", str(self.port), "-s", user,
                   "-au", user, "-ap", password, "-t", transport, "-nostdin",
                   "-mi", address, "-trace_err", "-error_file", self.errors_path,
                   "-timeout", f"{seconds}s", "-timeout_error", "-key", "domain", domain]
        if calls:
            command += ["-m", str(calls)]
        for key, value in dict(keys).items():
            command += ["-key", key, value]
        command += list(options)
        if target:
            command.append("%s:%d" % target)
        self.seconds = seconds
        output = open(self.output_path, "wb")
        self.process = start(command, stdout=output, stderr=subprocess.STDOUT, cwd=directory,
                             prepare=prepare)
        output.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 1)

    def wait(self):
        """Returns when every call went as the scenario says; else LabError with SIPp's reason."""
        try:
            status = self.process.wait(self.seconds + 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        if status != 0:
            raise LabError(f"SIPp {self.name} ended with {status}: {self.errors()}")

    def errors(self):
        for path in (self.errors_path, self.output_path):
            try:
                with open(path, encoding="utf-8", errors="replace") as text:
                    lines = text.read().strip().splitlines()
            except FileNotFoundError:
                continue
            if lines:
                return "\n".join(lines[:25] if path == self.errors_path else lines[-25:])
        return "no output"
