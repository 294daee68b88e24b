"""What the phones were promised, and whether every peer keeps it."""

import concurrent.futures
import datetime
import re
import threading
import time

from lab.control import Control
from lab.processes import LabError
from phones import Reader

CONNECTIONS = 4
VERSION = re.compile(r";v=(\d+)-(\d+)")
GONE = None


class Attempt:
    """A REGISTER: what it was to bring about, when it began, and when it was acknowledged, if it was."""

    def __init__(self, key, value, began):
        self.key, self.value, self.began, self.ended = key, value, began, None

    def last_moment(self):
        """From here on it brings about nothing: who hears no answer gives it up before the next."""
        return self.began if self.ended is None else self.ended


class User:
    """All that was tried. When a user's group moves to another peer, its last REGISTER there and the
    first one here may be under way at once: so they are ordered by time, not by version."""

    def __init__(self):
        self.attempts = []

    def try_out(self, key, value, at):
        """Tried again, at another peer, it is the same attempt."""
        if not any(one.key == key for one in self.attempts):
            self.attempts.append(Attempt(key, value, at))

    def acknowledge(self, key, at):
        for one in self.attempts:
            if one.key == key:
                one.ended = at

    def acknowledged(self, before):
        return [one for one in self.attempts if one.ended is not None and one.ended < before]


class Promise:
    """What a lookup may find that begins now."""

    def __init__(self, user):
        self.user, self.moment = user, time.time()
        known = user.acknowledged(self.moment)
        self.known = bool(known)
        self.promised = max(known, key=lambda one: one.ended).value if known else GONE

    def is_kept_by(self, found):
        """Once the ledger has been read again. Right is what no other attempt has overtaken: one that
        began after it had ended, and was acknowledged before the lookup began."""
        overtaking = self.user.acknowledged(self.moment)
        return any(one.value == found and not any(other.began > one.last_moment() and other is not one
                                                  for other in overtaking)
                   for one in self.user.attempts)


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
            if word not in ("try", "have", "drop", "gone") or len(rest) < 5:
                continue
            name, version = rest[0], (int(rest[1]), int(rest[2]))
            at = datetime.datetime.fromisoformat(" ".join(rest[3:5])).timestamp()
            user = self.users.setdefault(name, User())
            if word in ("try", "drop"):
                value = version if word == "try" else GONE
                user.try_out((*version, value is GONE), value, at)
            else:
                user.acknowledge((*version, word == "gone"), at)
                self.acknowledged += word == "have"
                self.removed += word == "gone"

    def promises(self):
        """{user: Promise}, as of now."""
        self.read()
        promises = {name: Promise(user) for name, user in self.users.items()}
        return {name: promise for name, promise in promises.items() if promise.known}


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


def look_up_all(ledger, peers, domain, names=None, connections=CONNECTIONS):
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
    lines = max(1, connections // 2)  # With each peer.
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        work = [pool.submit(ask, peer, chosen[first::lines])
                for peer in peers for first in range(lines)]
        for one in work:
            one.result()
    ledger.read()
    verdict.lookups = len(found) + len(verdict.failed)
    verdict.wrong = [(peer, name, promises[name].promised, result) for peer, name, result in found
                     if not promises[name].is_kept_by(result)]
    return verdict


def until_right(ledger, peers, domain, seconds, connections=CONNECTIONS):
    """Looks everything up again and again until all is right, or the time is over. The first verdict,
    the last one, and after how many seconds it was right (None: it never was)."""
    began = time.monotonic()
    names, first = None, None
    while True:
        verdict = look_up_all(ledger, peers, domain, names, connections)
        first = first or verdict
        if names is not None and not verdict.wrong and not verdict.failed:
            names = None  # And now all of them once more.
            continue
        if names is None and not verdict.wrong and not verdict.failed:
            return first, verdict, time.monotonic() - began
        if time.monotonic() - began > seconds:
            return first, verdict, None
        names = {one[1] for one in [*verdict.wrong, *verdict.failed]}
