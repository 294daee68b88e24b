"""Three peers that hold a great many bindings, made once and kept in a directory, to be copied from."""

import json
import os
import shutil
import subprocess
import time

from cluster import YardOverlay
from lab.overlay import Peer
from lab.processes import LabError, program

IMPORT_SECONDS = 3600
DAY_MS = 86_400_000
LONGEST_SECONDS = 300  # For a peer to join such an overlay.


def names(count):
    return [f"user{number}" for number in range(count)]


def write_backup(path, count, domain):
    """As `carillon export` does, without credentials: nobody registers by these."""
    now = int(time.time() * 1000)
    with open(path, "w", encoding="utf-8") as file:
        for number, name in enumerate(names(count)):
            file.write(json.dumps({"aor": f"{name}@{domain}", "bindings": [{
                "contact": f"sip:{name}@192.0.2.{number % 250}:5060", "q": 1000,
                "expires_ms": now + DAY_MS, "updated_ms": now, "call_id": f"{number}@192.0.2.1",
                "cseq": 1, "instance": "", "reg_id": 0, "path": [],
                "received": f"udp:192.0.2.{number % 250}:5060",
                "only_through_peer": False}]}) + "\n")


def fill(overlay, count):
    """Imports so many bindings, a share through each peer. Seconds that it took."""
    began = time.monotonic()
    whole = os.path.join(overlay.directory, "backup.jsonl")
    write_backup(whole, count, overlay.domain)
    with open(whole, encoding="utf-8") as file:
        lines = file.readlines()
    peers, running = overlay.living(), []
    for number, peer in enumerate(peers):
        share = os.path.join(overlay.directory, f"backup{number}.jsonl")
        with open(share, "w", encoding="utf-8") as file:
            file.writelines(lines[number::len(peers)])
        running.append(subprocess.Popen([program(), "import", share, "--control", peer.control],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    for one in running:
        said, _ = one.communicate(timeout=IMPORT_SECONDS)
        if one.returncode != 0:
            raise LabError("import: " + said.decode(errors="replace"))
    return time.monotonic() - began


def make(yard, directory, count):
    """Makes the hoard; {what it took}."""
    with YardOverlay(yard) as overlay:
        for number in range(3):
            overlay.enroll().start(first=number == 0)
        overlay.settle()
        took = fill(overlay, count)
        for peer in overlay.peers:  # Not in order: each keeps what it has.
            peer.kill()
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(overlay.directory, directory, ignore=shutil.ignore_patterns(
            "control*", "backup*", "lock", "known-peers"))
    said = {"bindings": count, "import_s": round(took, 1)}
    with open(os.path.join(directory, "hoard.json"), "w", encoding="utf-8") as file:
        json.dump(said, file)
    return said


class Hoard(YardOverlay):
    """An overlay that begins with what the directory has: three peers and their data."""

    def __init__(self, yard, directory, **options):
        super().__init__(yard, **options)
        self.source = directory
        with open(os.path.join(directory, "hoard.json"), encoding="utf-8") as file:
            self.said = json.load(file)

    def __enter__(self):
        super().__enter__()
        shutil.rmtree(self.home)
        shutil.copytree(os.path.join(self.source, "overlay"), self.home)
        for number in (1, 2, 3):
            for what in ("peer", "data"):
                shutil.copytree(os.path.join(self.source, f"{what}{number}"),
                                os.path.join(self.directory, f"{what}{number}"))
            self.adopt(number)
        return self

    def place(self, peer):
        peer.patience = LONGEST_SECONDS
        return super().place(peer)

    def adopt(self, number):
        """A peer whose directory is there already."""
        peer = Peer(self, number)
        self.place(peer)
        self.enrolled = max(self.enrolled, number)
        self.peers.append(peer)
        peer.start(first=number == 1)
        return peer
