#!/usr/bin/env python3
"""./test --heat: the life of an autoscaling group of peers, in a real Heat and under SIP load. Needs root,
or a machine that allows user namespaces. Ends with 0 if no registration was lost and no call failed."""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(ROOT, "scripts"), HERE, os.path.join(ROOT, "tests", "cluster")]

from lab.isolated import OWN_NETWORK  # noqa: E402

if __name__ == "__main__" and OWN_NETWORK not in os.environ:
    isolated = os.path.join(ROOT, "scripts", "lab", "isolated.py")
    os.execv(sys.executable, [sys.executable, "-B", isolated, sys.executable, "-B", *sys.argv])

from chapters import ALL  # noqa: E402
from stage import Stage  # noqa: E402

LOAD = {"phones": 200, "groups": 2, "registers": 20, "removes": 4, "guesses": 2, "calls": 4,
        "first_registers": 50, "lookups": 60, "patience": 30, "hang_up": 30}


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a chapter's name, or the start of it")
    parser.add_argument("--convergence", action=argparse.BooleanOptionalAction, default=True,
                        help="Heat's convergence_engine")
    parser.add_argument("--out", help="a JSON file for the results")
    for name, value in LOAD.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    options = parser.parse_args()
    options.verbose = True
    return options


def main():
    options = read_options()
    names = [name for name in ALL
             if not options.only or any(name.startswith(one) for one in options.only)]
    with Stage(options) as stage:
        stage.play({name: ALL[name] for name in names})
        totals = stage.close()
        result = {"phones": options.phones, **totals, "chapters": stage.chapters}
    text = json.dumps(result, indent=1)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    print(text)
    bad = sum(one["lost"] + one["stale"] + one["came_back"] + one["otherwise_wrong"] +
              one["lookups_failed"] + one["set_up_failed"] for one in result["chapters"])
    return 1 if bad + totals["unauthorised_writes_accepted"] else 0


if __name__ == "__main__":
    sys.exit(main())
