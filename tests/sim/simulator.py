"""Runs carillon-sim and reads what it says."""

import json
import os
import random
import subprocess

PROGRAM = os.environ["CARILLON_SIMULATOR"]
LONG = os.environ.get("CARILLON_LONG_TESTS") == "ON"


def fresh_seed():
    """A seed that was never tried before, unless ./test, or whoever replays, has chosen one."""
    return int(os.environ.get("CARILLON_FRESH_SEED") or random.SystemRandom().randrange(1 << 31))


def run(*arguments, timeout=1200):
    """The finished process."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=timeout,
                          check=False)


def report(*arguments):
    """The JSON object of a run; a run that could not even start is an error."""
    process = run(*arguments, "--json")
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)}: exit {process.returncode}: {process.stderr}")
    return json.loads(process.stdout)


def complaint(arguments, result):
    """Violations of a run in words, with what is needed to see them again; empty if there are
    none."""
    if not result["violations"]:
        return ""
    lines = [f"{v['virtual_time']:.3f} s: {v['what']}" for v in result["violations"][:10]]
    return "\n".join([f"replay with: carillon-sim {' '.join(arguments)}"] + lines)
