#!/usr/bin/env python3
"""Plays troubles over real peers and SIPp's phones, each host in a network namespace of its own, and
writes down what was lost. Needs root, or a machine that allows user namespaces."""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "scripts"), HERE]

from lab.isolated import OWN_NETWORK  # noqa: E402

if __name__ == "__main__" and OWN_NETWORK not in os.environ:
    isolated = os.path.join(HERE, "..", "..", "scripts", "lab", "isolated.py")
    os.execv(sys.executable, [sys.executable, "-B", isolated, sys.executable, "-B", *sys.argv])

import troubles  # noqa: E402
from cluster import Cluster  # noqa: E402

SMALL = {"phones": 200, "peers": 5, "groups": 2, "registers": 20, "removes": 4, "guesses": 2,
         "calls": 4, "first_registers": 100, "lookups": 60, "calm": 1, "watch": 6, "stop": 8,
         "partition": 6, "delay": 3, "full_disk": 4, "disk_megabytes": 8, "clock": "-10m",
         "patience": 20, "hang_up": 30}
LARGE = {"phones": 2000, "peers": 8, "groups": 4, "registers": 60, "removes": 5, "guesses": 5,
         "calls": 12, "first_registers": 200, "lookups": 100, "calm": 5, "watch": 12, "stop": 60,
         "partition": 30, "delay": 20, "full_disk": 20, "disk_megabytes": 48, "clock": "-10m",
         "patience": 60, "hang_up": 30}


def read_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="2,000 phones and eight peers")
    parser.add_argument("--only", action="append", help="a trouble's name, or the start of it")
    parser.add_argument("--out", help="a JSON file for the results")
    parser.add_argument("--seconds-for-peace", dest="patience", type=float)
    known = LARGE if "--long" in arguments else SMALL
    for name, value in known.items():
        if name != "patience":
            parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    options = parser.parse_args(arguments)
    options.patience = options.patience or known["patience"]
    options.verbose = True
    return options


def play(options, names):
    """(chapters, totals) of a run."""
    with Cluster(options) as cluster:
        cluster.start_peers(3)
        cluster.open_for_business()
        for name in names:
            cluster.chapter(name, troubles.ALL[name])
        totals = cluster.close()
        return cluster.chapters, totals


def main():
    options = read_options(sys.argv[1:])
    names = [name for name in troubles.ALL
             if not options.only or any(name.startswith(one) for one in options.only)]
    chapters, totals = play(options, names)
    result = {"phones": options.phones, "peers": options.peers, **totals, "chapters": chapters}
    text = json.dumps(result, indent=1)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    print(text)
    bad = sum(one["lost"] + one["stale"] + one["came_back"] + one["otherwise_wrong"]
              for one in chapters) + totals["unauthorised_writes_accepted"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
