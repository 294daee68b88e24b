#!/usr/bin/env python3
"""Measures what docs/reliability.md promises, on real processes: how soon lookups are right again after
a peer is gone; joining, repairing and leaving with 100,000 bindings. Latency is compared with what it
was just before, in the same run."""

import argparse
import json
import os
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "scripts"), HERE]

from lab.isolated import OWN_NETWORK  # noqa: E402

if __name__ == "__main__" and OWN_NETWORK not in os.environ:
    isolated = os.path.join(HERE, "..", "..", "scripts", "lab", "isolated.py")
    os.execv(sys.executable, [sys.executable, "-B", isolated, sys.executable, "-B", *sys.argv])

from cluster import YardOverlay  # noqa: E402
from hoard import Hoard, make, names  # noqa: E402
from lab.control import Control  # noqa: E402
from lab.phone import Phone  # noqa: E402
from lab.processes import LabError, cpu_seconds, wait_for  # noqa: E402
from probe import Probe, percentile  # noqa: E402
from yard import YARD_ADDRESS, Yard  # noqa: E402

SLOW_SECONDS = 0.5
CALM_SECONDS = 10
PASSWORD = "marks-password"


class Registrar(threading.Thread):
    """Registers users anew all the time, through all peers in turn, and keeps the times."""

    def __init__(self, overlay, users, per_second):
        super().__init__(daemon=True)
        self.overlay, self.users, self.pause = overlay, users, 1 / per_second
        self.samples, self.running, self.failed = [], True, 0

    def run(self):
        number = 0
        while self.running:
            number += 1
            peers = self.overlay.able()
            peer = peers[number % len(peers)]
            user = self.users[number % len(self.users)]
            began = time.monotonic()
            try:
                with Phone(user, peer.sip("udp"), self.overlay.domain, PASSWORD,
                           address=YARD_ADDRESS) as phone:
                    phone.call_id = f"marks-{user}"
                    phone.sequence = number * 4
                    status = phone.register(
                        contact=f"<sip:{user}@{YARD_ADDRESS}:5070;v={number}>"
                                f";+sip.instance=\"<urn:uuid:{user}>\"").status
                    if status != 200:
                        raise LabError(str(status))
                self.samples.append((began, time.monotonic() - began))
            except (LabError, OSError):
                self.failed += 1
            time.sleep(max(0, self.pause - (time.monotonic() - began)))

    def milliseconds(self, began, until=None, share=0.99):
        value = percentile([took for at, took in self.samples
                            if at >= began and (until is None or at < until)], share)
        return None if value is None else round(value * 1000, 1)

    def stop(self):
        self.running = False
        self.join()


class Load:
    """Lookups and registrations at a steady rate; says how long they took, before and during."""

    def __init__(self, overlay, known, per_second, registrations):
        users = [f"marks{number}" for number in range(50)]
        with Control(overlay.able()[0].control) as control:
            for user in users:
                control.ask("user_add", aor=f"{user}@{overlay.domain}", password=PASSWORD)
        self.probe = Probe(overlay.able(), known, overlay.domain, per_second,
                           lambda _, bindings: len(bindings) == 1)
        self.registrar = Registrar(overlay, users, registrations)

    def __enter__(self):
        self.probe.__enter__()
        self.registrar.start()
        time.sleep(CALM_SECONDS)
        self.moment = time.monotonic()
        return self

    def __exit__(self, *_):
        self.registrar.stop()
        self.probe.__exit__()

    def said(self, moment=None):
        """What lookups and registrations took since `moment`, or since the load began to count."""
        now = time.monotonic()
        moment = self.moment if moment is None else moment
        said = {}
        for what, source in (("lookup", self.probe), ("register", self.registrar)):
            for share, text in ((0.5, "p50"), (0.99, "p99")):
                said[f"{what}_{text}_normal_ms"] = source.milliseconds(0, self.moment, share)
                said[f"{what}_{text}_ms"] = source.milliseconds(moment, now, share)
        said["lookups_wrong"] = sum(not one.right for one in self.probe.since(moment))
        said["registrations_failed"] = self.registrar.failed
        return said


def waited_seconds(pid):
    """How long a process was able to run and had no core to run on."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as schedstat:
        return int(schedstat.read().split()[1]) / 1e9


class Cpu:
    """What a newcomer and the peers that were there before use of the processor."""

    def __init__(self, old):
        self.old, self.before = old, cpu_seconds(old)

    def said(self, newcomer):
        pid = newcomer.process.pid
        return {"cpu_newcomer_s": round(cpu_seconds([pid]), 1),
                "newcomer_waited_for_cpu_s": round(waited_seconds(pid), 1),
                "cpu_others_s": round(cpu_seconds(self.old) - self.before, 1)}


def stored(peer):
    """Resources with bindings. To count them is work for the peer."""
    with Control(peer.control) as control:
        return control.ask("status", count=True)["stored"].get("SIP-REGISTRATION", 0)


def joins(yard, options):
    """A fourth peer joins the three that hold everything."""
    with Hoard(yard, options.hoard) as overlay:
        overlay.settle()
        wait_until_quiet(overlay)
        with Load(overlay, names(overlay.said["bindings"]), options.lookups,
                  options.registers) as load:
            newcomer, old = overlay.enroll(), [peer.process.pid for peer in overlay.able()]
            cpu = Cpu(old)
            newcomer.start()
            ready = time.monotonic()
            said = {**load.said(), **cpu.said(newcomer)}
            said["resources_there"] = stored(newcomer)
            # It is ready with what it answers for; what it is a replica of still comes.
            wait_until_quiet(overlay)
            copied = {**load.said(ready), **cpu.said(newcomer)}
            copied["resources_there"] = stored(newcomer)
        return {"ready_s": round(ready - load.moment, 1), **said,
                "all_copied": {"after_s": round(time.monotonic() - load.moment, 1), **copied}}


def quiet(overlay):
    """Asked on the control sockets: a `carillon status` each time would take a third of two cores."""
    for peer in overlay.able():
        with Control(peer.control) as control:
            replication = control.ask("status")["replication"]
        if replication["transfers_running"] or replication["transfers_waiting"] or \
                replication["behind"]:
            return False
    return True


def wait_until_quiet(overlay, seconds=300):
    """Until no peer moves data, for a second. Seconds until the first of these moments."""
    began, since = time.monotonic(), None
    while True:
        if not quiet(overlay):
            since = None
        elif since is None:
            since = time.monotonic()
        elif time.monotonic() - since > 1:
            return since - began
        if time.monotonic() - began > seconds:
            raise LabError("data is still on the move")
        time.sleep(0.2)


def wait_until_forgotten(overlay, seconds=300):
    """Until the peers have dropped what others hold now: else some copies need not be made again."""
    wait_for(lambda: sum(stored(peer) for peer in overlay.able()) <= 3 * overlay.said["bindings"],
             "three copies of each are left", seconds)


def repairs(yard, options):
    """One of `options.ring` peers that hold everything is killed: until three copies are there."""
    with Hoard(yard, options.hoard) as overlay:
        for _ in range(options.ring - 3):
            overlay.enroll().start()
        overlay.settle()
        wait_until_quiet(overlay)
        wait_until_forgotten(overlay)
        victim = overlay.ring()[1]
        held = stored(victim)
        others = [peer for peer in overlay.able() if peer is not victim]
        before = sum(stored(peer) for peer in others)
        with Load(overlay, names(overlay.said["bindings"]), options.lookups,
                  options.registers) as load:
            load.probe.leave_out(victim)
            victim.kill()
            # Peers keep for a while what others hold now: no more than three are counted.
            wanted, made = 3 * overlay.said["bindings"], 0
            while made < wanted:
                if time.monotonic() - load.moment > 300:
                    raise LabError("the copies are not made")
                wait_until_quiet(overlay)
                took = time.monotonic() - load.moment
                made = sum(stored(peer) for peer in others)
            said = load.said()
            said["lookups_right_again_s"] = round(
                load.probe.right_again_after(load.moment, SLOW_SECONDS), 2)
        return {"peers": options.ring, "copies_of_the_dead": held, "three_copies_again_s": round(took, 1),
                "copies_made": sum(stored(peer) for peer in others) - before, **said}


def leaves(yard, options):
    """The peer that answers for most leaves, under load."""
    with Hoard(yard, options.hoard) as overlay:
        overlay.enroll().start()
        overlay.settle()
        wait_until_quiet(overlay)
        leaver = max(overlay.able(), key=lambda peer: peer.status()["range_fraction"])
        own = leaver.status()["range_fraction"] * overlay.said["bindings"]
        with Load(overlay, names(overlay.said["bindings"]), options.lookups,
                  options.registers) as load:
            load.probe.leave_out(leaver)
            leaver.stopped = True  # The phones go elsewhere.
            status = leaver.terminate(60)
            took = time.monotonic() - load.moment
            said = load.said()
        return {"own_bindings": round(own), "left_after_s": round(took, 1), "exit_status": status,
                **said}


def downfalls(yard, options):
    """Kills and power-offs, again and again: how long lookups were wrong or slow."""
    kills, cuts = [], []
    with YardOverlay(yard) as overlay:
        for number in range(8):
            overlay.enroll().start(first=number == 0)
        overlay.settle(60)
        users = [f"user{number}" for number in range(400)]
        with Control(overlay.able()[0].control) as control:
            now = int(time.time() * 1000)
            for first in range(0, len(users), 50):
                control.ask("import", entries=[{
                    "aor": f"{user}@{overlay.domain}", "bindings": [{
                        "contact": f"sip:{user}@192.0.2.1", "q": 1000, "expires_ms": now + 10**7,
                        "updated_ms": now, "call_id": user, "cseq": 1, "instance": "",
                        "reg_id": 0, "path": [], "received": "udp:192.0.2.1:5060",
                        "only_through_peer": False}]} for user in users[first:first + 50]])
        time.sleep(2)
        for round_ in range(options.rounds):
            for results, unplug in ((kills, False), (cuts, True)):
                victim = overlay.ring()[(round_ * 3) % 8]
                others = [peer for peer in overlay.able() if peer is not victim]
                with Probe(others, users, overlay.domain, options.lookups,
                           lambda _, bindings: len(bindings) == 1) as probe:
                    time.sleep(1)
                    moment = time.monotonic()
                    if unplug:
                        victim.machine.pull_the_plug()
                    victim.kill()
                    time.sleep(8 if unplug else 4)
                # Lookups that were under way, or too slow, count as well.
                results.append(round(probe.right_again_after(moment, options.slow), 3))
                print("power-off" if unplug else "kill -9", victim.number, results[-1], flush=True)
                if unplug:
                    victim.machine.plug_in()
                victim.start()
                overlay.settle(60)
                time.sleep(1)
    return {"peers": 8, "slow_s": options.slow,
            "kill": {"times": len(kills), "right_again_p50_s": percentile(kills, 0.5),
                     "right_again_p99_s": percentile(kills, 0.99)},
            "power_off": {"times": len(cuts), "right_again_p50_s": percentile(cuts, 0.5),
                          "right_again_p99_s": percentile(cuts, 0.99)}}


MARKS = {"joins": joins, "repairs": repairs, "leaves": leaves, "downfalls": downfalls}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*MARKS, []], default=list(MARKS))
    parser.add_argument("--hoard", default=os.path.join(tempfile.gettempdir(), "carillon-hoard"),
                        help="where the bindings are kept; made if it is not there")
    parser.add_argument("--bindings", type=int, default=100_000)
    parser.add_argument("--ring", type=int, default=8, help="peers, for 'repairs'")
    parser.add_argument("--rounds", type=int, default=12, help="of kills, for 'downfalls'")
    parser.add_argument("--lookups", type=float, default=100, help="a second")
    parser.add_argument("--registers", type=float, default=20, help="a second")
    parser.add_argument("--slow", type=float, default=0.25,
                        help="a lookup that took longer (s) is not right, for 'downfalls'")
    parser.add_argument("--out", help="a JSON file; what is in it of other marks stays")
    options = parser.parse_args()
    results = {}
    if options.out and os.path.exists(options.out):
        with open(options.out, encoding="utf-8") as file:
            results = json.load(file)
    for what in options.what:
        if what != "downfalls" and not os.path.exists(os.path.join(options.hoard, "hoard.json")):
            with Yard() as yard:
                results["hoard"] = make(yard, options.hoard, options.bindings)
        with Yard() as yard:
            results[what] = {**MARKS[what](yard, options), "load_average": os.getloadavg()[0]}
        print(what, json.dumps(results[what], indent=1), flush=True)
        if options.out:
            with open(options.out, "w", encoding="utf-8") as file:
                file.write(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
