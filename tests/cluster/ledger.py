"""What the phones were promised, and whether every peer keeps it."""

import concurrent.futures
import re
import threading
import time

from lab.control import Control
from lab.processes import LabError
from phones import Reader

CONNECTIONS = 4
VERSION = re.compile(r";v=(\d+)-(\d+)")
GONE = None


class User:
    """The last thing that was acknowledged, what has been tried since and may have happened, and all
    that was ever tried."""

    def __init__(self):
        self.promised, self.possible, self.tried, self.known = GONE, [], [], False

    def try_out(self, version):
        self.possible.append(version)
        self.tried.append(version)

    def acknowledge(self, version):
        """What was tried before has been overtaken, whether it happened or not."""
        self.promised, self.known = version, True
        later = self.possible.index(version) + 1 if version in self.possible else 0
        self.possible = self.possible[later:]


class Promise:
    """What a lookup that begins now may find."""

    def __init__(self, user):
        self.user, self.promised = user, user.promised
        self.allowed, self.mark = [user.promised, *user.possible], len(user.tried)

    def is_kept_by(self, found):
        """Once the ledger has been read again: what was tried meanwhile is right, too."""
        return found in self.allowed or found in self.user.tried[self.mark:]


class Ledger:
    """Reads the logs of the phones as they grow."""

    def __init__(self, phones):
        self.phones = phones
        self.users = {}
        groups = [*phones.registering, *phones.removing]
        self.reader = Reader(lambda: [path for group in groups for path in group.logs])
        self.acknowledged = self.removed = 0

    def read(self):
        for _, line in self.reader.lines():
            word, *rest = line.split()
            if word not in ("try", "have", "drop", "gone") or len(rest) != 3:
                continue
            user = self.users.setdefault(rest[0], User())
            version = (int(rest[1]), int(rest[2]))
            if word == "try":
                user.try_out(version)
            elif word == "drop":
                user.try_out(GONE)
            elif word == "have":
                user.acknowledge(version)
                self.acknowledged += 1
            else:
                user.acknowledge(GONE)
                self.removed += 1

    def promises(self):
        """{user: Promise}, as of now."""
        self.read()
        return {name: Promise(user) for name, user in self.users.items() if user.known}


def version_of(bindings):
    """What a lookup found: a version, GONE, or a text that says what is wrong with it."""
    if not bindings:
        return GONE
    if len(bindings) > 1:
        return f"{len(bindings)} bindings"
    match = VERSION.search(bindings[0]["contact"])
    return (int(match[1]), int(match[2])) if match else bindings[0]["contact"]


class Verdict:
    """Of all users, looked up from all peers."""

    def __init__(self):
        self.lookups, self.failed, self.wrong = 0, [], []
        self.lock = threading.Lock()

    def as_json(self):
        lost = {name for _, name, promised, found in self.wrong
                if promised is not GONE and found is GONE}
        stale = {name for _, name, promised, found in self.wrong
                 if isinstance(promised, tuple) and isinstance(found, tuple)}
        back = {name for _, name, promised, found in self.wrong if promised is GONE}
        other = {name for _, name, _, _ in self.wrong} - lost - stale - back
        return {"lookups": self.lookups, "lookups_failed": len(self.failed), "lost": len(lost),
                "stale": len(stale), "came_back": len(back), "otherwise_wrong": len(other)}

    def examples(self, count=5):
        return [f"{name} at peer {peer.number}: promised {promised}, found {found}"
                for peer, name, promised, found in self.wrong[:count]] + [
                    f"{name} at peer {peer.number}: {error}"
                    for peer, name, error in self.failed[:count]]


def look_up_all(ledger, peers, domain, names=None):
    """Every user whose state is known, from every peer."""
    verdict = Verdict()
    promises = ledger.promises()
    chosen = [name for name in (names or promises) if name in promises]
    found = []

    def ask(peer, some):
        with Control(peer.control) as control:
            for name in some:
                try:
                    answer = control.ask("lookup", name=f"{name}@{domain}")
                    result = version_of(answer["bindings"])
                except (LabError, OSError) as error:
                    with verdict.lock:
                        verdict.failed.append((peer, name, str(error)))
                    continue
                found.append((peer, name, result))
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        work = [pool.submit(ask, peer, chosen[first::2]) for peer in peers for first in (0, 1)]
        for one in work:
            one.result()
    ledger.read()
    verdict.lookups = len(found) + len(verdict.failed)
    verdict.wrong = [(peer, name, promises[name].promised, result) for peer, name, result in found
                     if not promises[name].is_kept_by(result)]
    return verdict


def until_right(ledger, peers, domain, seconds):
    """Looks everything up again and again until all is right, or the time is over. The first verdict,
    the last one, and after how many seconds it was right (None: it never was)."""
    began = time.monotonic()
    names, first = None, None
    while True:
        verdict = look_up_all(ledger, peers, domain, names)
        first = first or verdict
        if names is not None and not verdict.wrong and not verdict.failed:
            names = None  # And now all of them once more.
            continue
        if names is None and not verdict.wrong and not verdict.failed:
            return first, verdict, time.monotonic() - began
        if time.monotonic() - began > seconds:
            return first, verdict, None
        names = {one[1] for one in [*verdict.wrong, *verdict.failed]}
