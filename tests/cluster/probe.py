"""Looks users up, a steady number a second, through all peers, and says how long each took."""

import threading
import time

from lab.control import Control
from lab.processes import LabError

PER_PEER = 3  # Connections, so that one slow answer does not hide the next.


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


class Sample:
    """One lookup."""

    __slots__ = ("began", "ended", "peer", "right", "error")

    def __init__(self, began, ended, peer, right, error=None):
        self.began, self.ended, self.peer, self.right, self.error = began, ended, peer, right, error

    @property
    def seconds(self):
        return self.ended - self.began


class Probe:
    """`is_right(name, bindings)` judges. Use it in a `with` statement; peers come and go."""

    def __init__(self, peers, names, domain, per_second, is_right):
        self.names, self.domain, self.is_right = names, domain, is_right
        self.interval = PER_PEER * len(peers) / per_second
        self.samples, self.threads, self.running = [], [], True
        self.left = set()
        for number, peer in enumerate(peers):
            for line in range(PER_PEER):
                place = (number * PER_PEER + line) / (len(peers) * PER_PEER)
                self.threads.append(threading.Thread(
                    target=self._run, args=(peer, place, number * PER_PEER + line), daemon=True))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join()

    def leave_out(self, peer):
        """It is about to die; what it does not answer any more is nobody's fault."""
        self.left.add(peer)

    def _run(self, peer, place, offset):
        step = 7919  # A prime: each line walks through all names in an order of its own.
        index = offset * 104729
        due = time.monotonic() + place * self.interval
        try:
            control = Control(peer.control)
        except OSError:
            return
        with control:
            while self.running and peer not in self.left:
                time.sleep(max(0, due - time.monotonic()))
                index += step
                name = self.names[index % len(self.names)]
                began = time.monotonic()
                try:
                    answer = control.ask("lookup", name=f"{name}@{self.domain}")
                    right, error = self.is_right(name, answer["bindings"]), None
                except (LabError, OSError, ValueError) as failure:
                    if peer in self.left:
                        return
                    right, error = False, str(failure)
                    if isinstance(failure, OSError):
                        return
                if peer not in self.left:
                    self.samples.append(Sample(began, time.monotonic(), peer, right, error))
                due = max(due + self.interval, time.monotonic())

    def since(self, began, until=None):
        return [one for one in self.samples
                if one.began >= began and (until is None or one.began < until)]

    def milliseconds(self, began, until=None, share=0.99):
        value = percentile([one.seconds for one in self.since(began, until)], share)
        return None if value is None else round(value * 1000, 1)

    def right_again_after(self, moment, slow_seconds):
        """Seconds from `moment` until the last lookup ended that was wrong, or slower than that."""
        bad = [one.ended for one in self.samples if one.ended > moment and
               (not one.right or one.seconds > slow_seconds)]
        return max(0.0, max(bad) - moment) if bad else 0.0
