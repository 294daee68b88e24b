#!/usr/bin/env python3
"""Carillon beside Kamailio, in one run, under the same load: CPU time an operation.

CPU is user and system time of all the processes of a side, divided by the operations. SIPp plays
the phones and is not counted. Three peers of Carillon keep a registration durably at the
responsible peer and at a replica; one Kamailio keeps it in memory; three with DMQ copy everything
to everyone."""

import argparse
import concurrent.futures
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "scripts"), HERE]

from kamailio import Kamailio  # noqa: E402
from lab.control import Control  # noqa: E402
from lab.overlay import Overlay  # noqa: E402
from lab.processes import LabError, cpu_seconds, free_port, resident_bytes  # noqa: E402
from lab.sipp import Sipp  # noqa: E402

PASSWORD = "bench-password"
SETTLE_SECONDS = 1.0
CONNECTIONS = 12
# Operations a second: what two cores bear beside SIPp, for both sides alike. A server that sleeps
# between two requests finds its caches cold at each, and costs up to twice as much.
RATES = {"new registration": 800, "refresh": 3000, "call": 800}
MARKS_US = {"new registration": 2000, "refresh": 80, "call": 900, "lookup": 300}
MEMORY_MARK_MB = 300
# What Kamailio, one node in memory, cost when the marks were set, on a quiet machine of this class.
# A machine that makes Kamailio twice as dear is allowed to make us twice as dear.
KAMAILIO_THEN_US = {"new registration": 54, "refresh": 54, "call": 242}
ONE, THREE = "Kamailio, one node, in memory", "Kamailio, three nodes, DMQ"


class CarillonSide:
    """Three peers; phones register at the second, call through the third."""

    def __init__(self, names):
        self.overlay = Overlay()
        self.names = names

    def __enter__(self):
        self.overlay.__enter__()
        try:
            self.overlay.start(3)
            add_users(self.overlay, self.names)
        except BaseException:
            self.overlay.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.overlay.__exit__()

    @property
    def registrar(self):
        return self.overlay.peers[1].sip("udp")

    @property
    def proxy(self):
        return self.overlay.peers[2].sip("udp")

    def cpu_seconds(self):
        return cpu_seconds([peer.process.pid for peer in self.overlay.peers])

    def lookups(self, count, _directory):
        """Through a peer's control socket, over a few connections at once."""
        def look_up(numbers):
            with Control(self.overlay.peers[2].control) as control:
                for number in numbers:
                    aor = f"{self.names[number % len(self.names)]}@{self.overlay.domain}"
                    if not control.ask("lookup", name=aor)["bindings"]:
                        raise LabError(f"{aor} was not found")
        in_parallel(look_up, range(count))


class KamailioSide(Kamailio):
    def __init__(self, count, names):
        super().__init__(count, PASSWORD)
        self.names = names

    @property
    def registrar(self):
        return self.address(0)

    @property
    def proxy(self):
        return self.address(0)

    def lookups(self, count, directory):
        users = write_csv(directory, "lookups.csv", [[name] for name in self.names])
        load("options.xml", directory, self.registrar, count, users)


def in_parallel(work, items):
    """`work` on shares of the items, over a few connections at once."""
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(work, [items[first::CONNECTIONS] for first in range(CONNECTIONS)]))


def add_users(overlay, names):
    def add(some):
        with Control(overlay.peers[0].control) as control:
            for name in some:
                control.ask("user_add", aor=f"{name}@{overlay.domain}", password=PASSWORD)
    in_parallel(add, names)


def credentials(name):
    """As SIPp wants it in a field: it answers the challenge there."""
    return f"[authentication username={name} password={PASSWORD}]"


def write_csv(directory, name, rows):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="ascii") as text:
        text.write("SEQUENTIAL\n" + "".join(";".join(row) + ";\n" for row in rows))
    return path


def load(scenario, directory, target, count, users, keys=(), rate=500, options=()):
    """`count` runs of a scenario at a bounded rate; fails unless every one succeeds."""
    with Sipp(os.path.join(HERE, "sipp", scenario), directory, target=target, calls=count,
              seconds=60 + count // 50, keys=keys,
              options=["-inf", users, "-r", str(rate), "-l", "200", *options]) as sipp:
        sipp.wait()


def measured(side, count, work):
    """Microseconds of CPU an operation."""
    before = side.cpu_seconds()
    work()
    time.sleep(SETTLE_SECONDS)  # what is still written and copied belongs to the operations
    return (side.cpu_seconds() - before) / count * 1e6


def run_side(side, names, calls, lookups, refreshes):
    """{operation: microseconds} of one side."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        users = write_csv(directory, "users.csv", [[name, credentials(name)] for name in names])
        contact_port = free_port()

        def register(first, kind="refresh"):
            load("register.xml", directory, side.registrar, len(names), users, rate=RATES[kind],
                 keys={"cseq_first": str(first), "cseq_second": str(first + 1),
                       "contact_port": str(contact_port)}, options=["-cid_str", "%u@bench"])
        results["new registration"] = measured(side, len(names), lambda: register(1, "new registration"))
        results["refresh"] = measured(
            side, len(names) * refreshes,
            lambda: [register(3 + 2 * number) for number in range(refreshes)])

        pairs = write_csv(directory, "calls.csv", [
            [name, credentials(name), names[(number + 7) % len(names)]]
            for number, name in enumerate(names)])
        with Sipp(os.path.join(HERE, "..", "scripts", "sipp", "answer.xml"), directory, calls=0,
                  port=contact_port, seconds=600):
            results["call"] = measured(side, calls, lambda: load(
                "call.xml", directory, side.proxy, calls, pairs, rate=RATES["call"]))
        results["lookup"] = measured(side, lookups, lambda: side.lookups(lookups, directory))
    return results


def compare(options):
    names = [f"user{number}" for number in range(options.users)]
    sides = {}
    for title, make in (("Carillon, three peers", lambda: CarillonSide(names)),
                        (ONE, lambda: KamailioSide(1, names)),
                        (THREE, lambda: KamailioSide(3, names))):
        print(f"measuring {title}", flush=True)
        with make() as side:
            sides[title] = run_side(side, names, options.calls, options.lookups,
                                    options.refreshes)
    ours = sides.pop("Carillon, three peers")
    rows = []
    for name, ours_us in ours.items():
        for rival, results in sides.items():
            if rival == THREE and name in ("call", "lookup"):
                continue  # DMQ takes no part in these
            rows.append({"name": name, "ours_us": round(ours_us, 1), "rival": rival,
                         "rival_us": round(results[name], 1),
                         "ratio": round(ours_us / results[name], 2)})
    return rows


def memory(bindings):
    """Resident memory of each of three peers after so many AORs have registered at one."""
    names = [f"user{number}" for number in range(bindings)]
    print(f"measuring memory with {bindings} bindings", flush=True)
    with CarillonSide(names) as side, \
            tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        users = write_csv(directory, "users.csv", [[name, credentials(name)] for name in names])
        load("register.xml", directory, side.registrar, bindings, users,
             rate=RATES["new registration"],
             keys={"cseq_first": "1", "cseq_second": "2", "contact_port": "9"},
             options=["-cid_str", "%u@bench"])
        return [{"peer": peer.number, "serves": bindings if peer.number == 2 else 0,
                 **{key + "_mb": round(value / 1e6, 1)
                    for key, value in resident_bytes(peer.process.pid).items()}}
                for peer in side.overlay.peers]


def marks(rows):
    """{operation: its mark at this machine's speed}: the marks times what Kamailio costs here over
    what it cost when they were set. A lookup, which has no such figure, takes the least factor."""
    factors = {row["name"]: row["rival_us"] / KAMAILIO_THEN_US[row["name"]] for row in rows
               if row["rival"] == ONE and row["name"] in KAMAILIO_THEN_US}
    least = min(factors.values())
    return {name: round(mark * factors.get(name, least)) for name, mark in MARKS_US.items()}


def table(rows, peers, bindings):
    here = marks(rows)
    lines = [f"Load average at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors.", "",
             "| operation | Carillon, 3 peers | mark | mark at this machine's speed | rival "
             "| rival's | ratio |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['name']} | {row['ours_us']} µs | {MARKS_US[row['name']]} µs "
                     f"| {here[row['name']]} µs | {row['rival']} | {row['rival_us']} µs "
                     f"| {row['ratio']} |")
    if peers:
        lines += ["", f"Memory with {bindings} bindings, all registered at peer 2 (mark: "
                  f"{MEMORY_MARK_MB} MB a peer; 'file' is the database's pages, which the kernel "
                  "may drop):", "", "| peer | resident | of it file |", "|---|---|---|"]
        lines += [f"| {one['peer']} | {one['all_mb']} MB | {one['file_mb']} MB |" for one in peers]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=6000)
    parser.add_argument("--calls", type=int, default=6000)
    parser.add_argument("--lookups", type=int, default=6000)
    parser.add_argument("--refreshes", type=int, default=4, help="of each user")
    parser.add_argument("--bindings", type=int, default=100_000, help="for memory; 0: don't")
    options = parser.parse_args()
    try:
        rows = compare(options)
        peers = memory(options.bindings) if options.bindings else []
    except LabError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    text = table(rows, peers, options.bindings)
    print("\n" + text)
    for name, content in (("results.json", json.dumps(rows, indent=1)), ("results.md", text)):
        with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
            file.write(content + "\n")
    memory_missed = [f"memory of peer {one['peer']}" for one in peers
                     if one["all_mb"] > MEMORY_MARK_MB]
    print()
    for title, limits in (("marks", MARKS_US), ("marks at this machine's speed", marks(rows))):
        missed = [row["name"] for row in rows if row["ours_us"] > limits[row["name"]]]
        missed += memory_missed
        print(f"{title}: " + ("missed " + ", ".join(sorted(set(missed))) if missed else "all met"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
