"""Processes that end with us, and waiting for conditions instead of for time."""

import ctypes
import itertools
import os
import signal
import socket
import subprocess
import time

from lab.isolated import OWN_NETWORK

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
_own_ports = itertools.count(20000)  # Below those that the kernel gives out by itself.


class LabError(Exception):
    """Something that was expected did not happen; the text says what."""


def program():
    """The carillon under test: CARILLON_PROGRAM, else the release build."""
    path = os.environ.get("CARILLON_PROGRAM") or os.path.join(
        REPOSITORY, "build", "release", "src", "app", "carillon")
    if not os.access(path, os.X_OK):
        raise LabError(f"no program at {path}; build it, or set CARILLON_PROGRAM")
    return path


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, prepare=None, **options):
    """Starts a process in a session of its own (so that Ctrl-C reaches us alone), which the kernel
    kills should we die first. `prepare()` runs in it before the command does."""
    def in_child():
        _die_with_parent()
        if prepare:
            prepare()
    return subprocess.Popen(command, preexec_fn=in_child, start_new_session=True, **options)


def stop(process, patience_seconds=20):
    """SIGTERM, then SIGKILL for one that does not end. Returns the exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def wait_for(condition, what, seconds=20):
    """The first true value of `condition()`; LabError if none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)


def free_port(kind=socket.SOCK_DGRAM, address="127.0.0.1"):
    """A port for programs that cannot choose one themselves. In a network of our own (isolated.py)
    nobody else takes it; else one that was free a moment ago."""
    if OWN_NETWORK in os.environ:
        return next(_own_ports)
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def cpu_seconds(pids):
    """User and system time that the processes and their ended children have used."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks += sum(int(field) for field in fields[11:15])  # utime stime cutime cstime
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    """What a process holds in memory, file pages excluded that the kernel may drop at any time."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in status
                     if line.startswith(("VmRSS", "RssFile"))}
    return {"all": kilobytes["VmRSS"] * 1024, "file": kilobytes["RssFile"] * 1024}
