"""What is measured: operations on a side, as microseconds of CPU each, and response times."""

import glob
import os
import tempfile
import time

from lab.processes import free_port
from lab.sipp import Sipp
from sides import HERE, credentials, load, write_csv

SETTLE_SECONDS = 1.0
# Operations a second: what two cores bear beside SIPp, for both sides alike. A server that sleeps
# between two requests finds its caches cold at each, and costs up to twice as much.
RATES = {"new registration": 800, "refresh": 3000, "call": 800}
REFRESHES_TO_A_NEW_ONE = 19
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
            results["response"] = response_times(side, phones, results["refresh"])
    return results


def response_times(side, phones, refresh_us):
    """Milliseconds to the answer of refreshes, at 80 % of what one core bears by their cost."""
    rate = int(0.8e6 / refresh_us)
    rounds = max(1, rate * BUSY_SECONDS // len(phones.names))
    started, used = time.monotonic(), side.cpu_seconds()
    for _ in range(rounds):
        phones.register(rate, at_once=2000, options=["-trace_rtt", "-rtt_freq", "1000"])
    seconds = time.monotonic() - started
    times = sorted(read_response_times(phones.directory))
    return {"wanted_per_second": rate, "reached_per_second": round(len(times) / seconds),
            "cores": round((side.cpu_seconds() - used) / seconds, 2),
            **{name: round(times[int(len(times) * share)], 3)
               for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("p999_ms", 0.999))}}


def read_response_times(directory):
    for path in glob.glob(os.path.join(directory, "*_rtt.csv")):
        with open(path, encoding="ascii") as lines:
            for line in list(lines)[1:]:
                yield float(line.split(";")[1])
