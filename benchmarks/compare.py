#!/usr/bin/env python3
"""Carillon beside Kamailio, in one run, under the same load: CPU time an operation.

CPU is user and system time of all the processes of a side, divided by the operations. SIPp plays
the phones and is not counted. Carillon keeps a registration durably at the responsible peer and at
a replica; one Kamailio keeps it in memory; several with DMQ copy everything to everyone."""

import argparse
import json
import os
import sys
import tempfile

from sides import HERE, CarillonSide, KamailioSide  # First: it says where the lab is.
import report
from lab.processes import LabError, resident_bytes
from operations import RATES, Phones, costs, refreshes_in_turn

# What is measured at how many peers or nodes, besides registrations and refreshes.
OURS = {1: {"call", "response"}, 3: {"call", "lookup"}, 6: set()}
THEIRS = {report.ONE: (1, {"call", "lookup", "response"}), report.THREE: (3, set()),
          report.SIX: (6, set())}


def measure(options):
    """({peers: costs}, {rival: costs})"""
    names = [f"user{number}" for number in range(options.users)]
    ours, rivals = {}, {}
    for peers, wanted in OURS.items():
        print(f"measuring Carillon, {report.PEERS[peers]}", flush=True)
        with CarillonSide(peers, names) as side:
            ours[peers] = costs(side, names, options, wanted)
    for title, (nodes, wanted) in THEIRS.items():
        print(f"measuring {title}", flush=True)
        with KamailioSide(nodes, names) as side:
            rivals[title] = costs(side, names, options, wanted)
    for operation in ("refresh", "unasked refresh"):
        print(f"measuring in turn: {operation}", flush=True)
        open_to_all = operation == "unasked refresh"
        with CarillonSide(3, names, open_to_all) as mine, KamailioSide(1, names, open_to_all) as theirs:
            ours[3][operation], rivals[report.ONE][operation] = refreshes_in_turn(
                (mine, theirs), names, operation, options.rounds)
    return ours, rivals


def memory(bindings):
    """Resident memory of each of three peers after so many AORs have registered at one."""
    names = [f"user{number}" for number in range(bindings)]
    print(f"measuring memory with {bindings} bindings", flush=True)
    with CarillonSide(3, names) as side, \
            tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        Phones(side, names, directory).register(RATES["new registration"])
        return [{"peer": peer.number, "serves": bindings if peer.number == 2 else 0,
                 **{key + "_mb": round(value / 1e6, 1)
                    for key, value in resident_bytes(peer.process.pid).items()}}
                for peer in side.overlay.peers]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=6000)
    parser.add_argument("--calls", type=int, default=6000)
    parser.add_argument("--lookups", type=int, default=6000)
    parser.add_argument("--refreshes", type=int, default=4, help="of each user")
    parser.add_argument("--rounds", type=int, default=7,
                        help="of refreshes, in turn with Kamailio's")
    parser.add_argument("--bindings", type=int, default=100_000, help="for memory; 0: don't")
    options = parser.parse_args()
    try:
        ours, rivals = measure(options)
        peers = memory(options.bindings) if options.bindings else []
    except LabError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    times = {"Carillon, one peer": ours[1].pop("response"),
             report.ONE: rivals[report.ONE].pop("response")}
    found = report.rows(ours, rivals)
    text = report.text(found, ours, rivals, times, peers, options.bindings)
    print("\n" + text + "\n")
    results = {"costs": found, "response_times": times, "memory": peers}
    for name, content in (("results.json", json.dumps(results, indent=1)), ("results.md", text)):
        with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
            file.write(content + "\n")
    print("\n".join(report.missed(found, ours, rivals, peers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
