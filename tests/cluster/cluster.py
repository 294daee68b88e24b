"""Peers in a yard, their phones, and the troubles that come over them."""

import concurrent.futures
import os
import shutil
import subprocess
import time

from calls import Calls
from lab.control import Control
from lab.overlay import Overlay
from lab.processes import wait_for
from ledger import CONNECTIONS, Ledger, until_right
from phones import PASSWORD, Phones, Reader
from probe import Probe
from yard import Yard

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
SETTLE_SECONDS = 60
USER_ADDERS = 8


class YardOverlay(Overlay):
    """Each peer is alone on a host."""

    def __init__(self, yard, **options):
        super().__init__(**options)
        self.yard = yard

    def enroll(self, listed=True):
        return self.place(super().enroll(listed))

    def place(self, peer):
        """Gives it a host of its own."""
        host = self.yard.add()
        peer.machine, peer.host, peer.prepare = host, host.address, host.enter
        peer.stopped = False
        return peer

    def able(self):
        """Those that run and can be reached."""
        return [peer for peer in self.living() if peer.ready and not peer.stopped]

    def ring(self):
        return sorted(self.able(), key=lambda peer: peer.node_id)


class Cluster:
    """The whole stage; use it in a `with` statement."""

    def __init__(self, options):
        self.options = options
        self.chapters = []
        self.disks = []

    def __enter__(self):
        self.yard = Yard()
        self.yard.__enter__()
        self.overlay = YardOverlay(self.yard)
        self.overlay.__enter__()
        self.phones = Phones(self.yard.add(net=1), self.yard.add(net=1),
                             os.path.join(self.overlay.directory, "phones"),
                             self.overlay.domain, self.options.phones, self.options)
        self.phones.__enter__()
        self.ledger, self.calls = Ledger(self.phones), Calls(self.phones)
        return self

    def __exit__(self, *_):
        self.phones.__exit__()
        for peer in self.overlay.peers:
            if peer.alive():
                peer.kill()
        for disk in self.disks:
            subprocess.run(["umount", disk], check=False)
        self.overlay.__exit__()
        self.yard.__exit__()

    def say(self, text):
        if self.options.verbose:
            print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    # Setting up.

    def start_peers(self, count, **options):
        for _ in range(count):
            peer = self.overlay.enroll()
            peer.start(first=not self.overlay.living(), **options)
        self.overlay.settle(SETTLE_SECONDS)

    def add_users(self):
        names = self.phones.stayers + self.phones.leavers
        peers = self.overlay.living()

        def add(first):
            with Control(peers[first % len(peers)].control) as control:
                for name in names[first::USER_ADDERS]:
                    control.ask("user_add", aor=f"{name}@{self.overlay.domain}", password=PASSWORD)
        with concurrent.futures.ThreadPoolExecutor(USER_ADDERS) as pool:
            list(pool.map(add, range(USER_ADDERS)))

    def open_for_business(self):
        self.add_users()
        self.say(f"{self.options.phones} users; their phones register")
        self.phones.register_all(self.overlay.living(), self.options.first_registers)
        self.phones.assign(self.overlay.living())

    # Looking.

    def probe(self, peers=None, per_second=None):
        return Probe(peers or self.overlay.able(), self.phones.stayers, self.overlay.domain,
                     per_second or self.options.lookups, lambda _, bindings: len(bindings) == 1)

    def judge(self, connections=CONNECTIONS):
        """All promises, at all peers that can be reached: {} of what was found wrong."""
        first, verdict, after = until_right(
            self.ledger, self.overlay.able(), self.overlay.domain, self.options.patience,
            connections)
        for example in first.examples() + verdict.examples():
            self.say("  " + example)
        return {**verdict.as_json(), "right_after_s": None if after is None else round(after, 1),
                "not_right_at_first": len(first.wrong) + len(first.failed)}

    def chapter(self, name, trouble):
        """Plays one trouble, waits until the ring has settled, and looks everything up."""
        self.say(name)
        self.calls.enter(name)
        began = time.monotonic()
        said = trouble(self) or {}
        self.phones.assign(self.overlay.able())
        self.overlay.settle(SETTLE_SECONDS)
        found = self.judge()
        self.chapters.append({"chapter": name, "peers": len(self.overlay.able()), **said, **found,
                              "seconds": round(time.monotonic() - began, 1)})
        self.say(f"  {self.chapters[-1]}")
        if self.phones.ended():
            raise RuntimeError("SIPp failed: " + self.phones.ended()[0].errors())

    def close(self):
        """The phones hang up; what became of all calls is known then."""
        for group in self.phones.groups:
            group.stop()
        deadline = time.monotonic() + self.options.hang_up
        while time.monotonic() < deadline and any(
                sipp.process.poll() is None for sipp in self.phones.started):
            time.sleep(0.1)
        self.calls.read()
        for chapter in self.chapters:
            chapter.update(self.calls.of(chapter["chapter"]))
        logs = Reader(lambda: [path for group in self.phones.guessing for path in group.logs])
        guesses = [line.split()[0] for _, line in logs.lines()]
        return {"guesses_refused": guesses.count("refused"),
                "unauthorised_writes_accepted": guesses.count("accepted")}

    # What can be done to peers.

    def small_disk(self, peer, megabytes):
        """The peer, which must not run, keeps its data on a disk of that size from now on."""
        kept = peer.data + ".kept"
        if os.path.exists(peer.data):
            shutil.move(peer.data, kept)
        os.mkdir(peer.data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", peer.data],
                       check=True)
        self.disks.append(peer.data)
        if os.path.exists(kept):
            shutil.copytree(kept, peer.data, dirs_exist_ok=True)

    @staticmethod
    def put_back(peer, old):
        """The peer, which must not run, has what is in that directory, and nothing else. Its own may be
        a disk."""
        for entry in os.scandir(peer.data):
            shutil.rmtree(entry) if entry.is_dir() else os.remove(entry)
        shutil.copytree(old, peer.data, dirs_exist_ok=True)
        shutil.rmtree(old)

    @staticmethod
    def fill_disk(peer):
        """To the last octet; returns the file that fills it."""
        path = os.path.join(peer.data, "filler")
        with open(path, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return path

    def set_clock(self, peer, offset):
        """For its next start: the wall clock is wrong by so much, e.g. "-1h"."""
        if offset:
            peer.environment = {"LD_PRELOAD": FAKETIME, "FAKETIME": offset,
                                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        else:
            peer.environment = {}

    def wait_until_unnoticed(self, gone, seconds=30):
        """Until nobody counts the dead among its neighbors."""
        dead = {peer.node_id for peer in gone}

        def forgotten():
            return all(dead.isdisjoint([*status["successors"], *status["predecessors"]])
                       for status in (peer.status() for peer in self.overlay.able()))
        wait_for(forgotten, "the dead are forgotten", seconds)
