"""What is measured: operations on a side, as microseconds of CPU each, and response times."""

import contextlib
import json
import os
import statistics
import subprocess
import tempfile
import time

from lab.processes import REPOSITORY, LabError, free_port
from lab.sipp import Sipp
from sides import PASSWORD, credentials, load, write_csv

PROGRAM = os.path.join(REPOSITORY, "build", "release", "benchmarks", "refreshes")

SETTLE_SECONDS = 1.0
# Operations a second: what two cores bear beside SIPp, for both sides alike. A server that sleeps
# between two requests finds its caches cold at each, and costs up to twice as much.
RATES = {"new registration": 800, "refresh": 3000, "unasked refresh": 5000,
         "call": 800}
REFRESHES_TO_A_NEW_ONE = 19
# Of the response times: what one core surely bears, for its cost; then 80 % of what it can.
CALM_RATE, CALM_SECONDS = 4000, 4
BUSY_SECONDS = 10


class Phones:
    """The users of a side, as SIPp plays them. Each REGISTER of a phone has a higher CSeq."""

    def __init__(self, side, names, directory):
        self.side, self.names, self.directory = side, names, directory
        self.users = write_csv(directory, "users.csv",
                               [[name, credentials(name)] for name in names])
        self.pairs = write_csv(directory, "calls.csv", [
            [name, credentials(name), names[(number + 7) % len(names)]]
            for number, name in enumerate(names)])
        self.contact_port = free_port()
        self.cseq = 1

    def register(self, rate, **more):
        """Each once."""
        self._register("register.xml", rate, 2, **more)

    def register_unasked(self, rate):
        """The same where nobody asks for credentials."""
        self._register("register-unasked.xml", rate, 1)

    def _register(self, scenario, rate, requests, options=(), **more):
        load(scenario, self.directory, self.side.registrar, len(self.names), self.users,
             rate=rate, keys={"cseq_first": str(self.cseq), "cseq_second": str(self.cseq + 1),
                              "contact_port": str(self.contact_port)},
             options=["-cid_str", "%u@bench", *options], **more)
        self.cseq += requests

    def call(self, count):
        with Sipp("answer.xml", self.directory, calls=0, port=self.contact_port, seconds=600):
            load("call.xml", self.directory, self.side.proxy, count, self.pairs,
                 rate=RATES["call"])


def cost(side, count, work):
    """Microseconds of CPU an operation."""
    before = side.cpu_seconds()
    work()
    time.sleep(SETTLE_SECONDS)  # What is still written and copied belongs to the operations.
    return (side.cpu_seconds() - before) / count * 1e6


def costs(side, names, options, wanted):
    """{operation: microseconds} of one side."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        phones = Phones(side, names, directory)
        results["new registration"] = cost(
            side, len(names), lambda: phones.register(RATES["new registration"]))
        results["refresh"] = cost(
            side, len(names) * options.refreshes,
            lambda: [phones.register(RATES["refresh"]) for _ in range(options.refreshes)])
        results["mix"] = ((results["new registration"]
                           + REFRESHES_TO_A_NEW_ONE * results["refresh"])
                          / (1 + REFRESHES_TO_A_NEW_ONE))
        if "call" in wanted:
            results["call"] = cost(side, options.calls, lambda: phones.call(options.calls))
        if "lookup" in wanted:
            results["lookup"] = cost(side, options.lookups,
                                     lambda: side.lookups(options.lookups, directory))
        if "response" in wanted:
            results["response"] = response_times(side, names)
    return results


def refreshes_in_turn(sides, names, operation, rounds):
    """Microseconds of a refresh on each side, "refresh" or "unasked refresh": the median of rounds that
    are taken in turn, as the machine's speed is another one some minutes later."""
    samples = [[] for _ in sides]
    with contextlib.ExitStack() as stack:
        everybody = []
        for side in sides:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="carillon-bench-"))
            phones = Phones(side, names, directory)
            everybody.append(phones.register if operation == "refresh" else phones.register_unasked)
            everybody[-1](RATES["new registration"])
        for _ in range(rounds):
            for side, register, taken in zip(sides, everybody, samples):
                taken.append(cost(side, len(names), lambda: register(RATES[operation])))
    return [statistics.median(taken) for taken in samples]


class Refreshes:
    """refreshes.cpp: phones that refresh at a given rate, more than SIPp bears."""

    def __init__(self, side, names):
        self.side = side
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, side.registrar), str(len(names)), PASSWORD],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if self.process.stdout.readline() != "ready\n":
            self.__exit__()
            raise LabError("the phones could not register")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def run(self, rate, seconds):
        used = self.side.cpu_seconds()
        self.process.stdin.write(f"{rate} {seconds}\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return {**said, "cores": (self.side.cpu_seconds() - used) / seconds}


def response_times(side, names):
    """Milliseconds to the answers of refreshes, at 80 % of what one core bears."""
    with Refreshes(side, names) as phones:
        calm = phones.run(CALM_RATE, CALM_SECONDS)
        return phones.run(0.8 * calm["sent"] / (calm["cores"] * CALM_SECONDS), BUSY_SECONDS)
