"""A peer with hundreds of connected phones leaves: they go to the others, some at a time."""

import queue
import re
import selectors
import subprocess
import threading
import time
import unittest

from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import program, start, stop

USERS, PHONES_EACH = 40, 10
PHONES = USERS * PHONES_EACH
A_SECOND = 100  # FarewellPace.
PASSWORD = "wonder-1"


def most_within_a_second(moments):
    """The largest number of them that lie within one second."""
    return max(sum(first <= moment < first + 1 for moment in moments) for first in moments)


def watch(phones, closed):
    """Tells when each connection said something, what it was, and whose it is; None after silence."""
    with selectors.DefaultSelector() as watched:
        for phone in phones:
            watched.register(phone.socket, selectors.EVENT_READ, phone)
        while watched.get_map():
            ready = watched.select(30)
            moment = time.monotonic()
            if not ready:
                closed.put((None, b"", None))
                return
            for key, _ in ready:
                watched.unregister(key.fileobj)
                closed.put((moment, key.fileobj.recv(1), key.data.user))


class Farewell(unittest.TestCase):
    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()
        self.overlay.start(3)
        self.leaver, *self.others = self.overlay.peers
        self.users = [f"user{number}" for number in range(USERS)]
        for user in self.users:
            self.overlay.add_user(user, PASSWORD)

    def connect(self, user, peer):
        """A phone that has registered on a connection."""
        phone = Phone(user, peer.sip("tcp"), "example.org", PASSWORD, transport="tcp")
        self.addCleanup(phone.close)
        self.assertEqual(phone.register().status, 200)
        return phone

    def move_all(self, phones):
        """Each phone, when its connection closes, registers at another peer: when that was, and the phones
        that have come in their place."""
        closed = queue.SimpleQueue()
        # Who watches does nothing else: else what it is busy with would bunch the moments.
        watcher = threading.Thread(target=watch, args=(phones, closed))
        watcher.start()
        self.addCleanup(watcher.join)
        moments, moved = [], []
        while len(moved) < len(phones):
            moment, said, user = closed.get(timeout=60)
            self.assertIsNotNone(moment, f"{len(phones) - len(moved)} connections were not closed")
            self.assertEqual(said, b"", "closed, and nothing else is said")
            moments.append(moment)
            moved.append(self.connect(user, self.others[len(moved) % 2]))
        return moments, moved

    def test_hundreds_of_phones_go_some_at_a_time(self):
        phones = [self.connect(user, self.leaver) for user in self.users
                  for _ in range(PHONES_EACH)]
        self.assertEqual(self.leaver.metrics()['carillon_leave_remaining{what="phones"}'], PHONES)
        leaving = start([program(), "leave", "--wait", "--control", self.leaver.control], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(stop, leaving)
        moments, moved = self.move_all(phones)
        output, errors = leaving.communicate(timeout=40)
        self.assertEqual(leaving.returncode, 0, errors)
        self.assertIn("has left", output)
        self.assertEqual(self.leaver.process.wait(20), 0, self.leaver.log_tail())

        # A hundred a second, and a batch more where two seconds meet; never more on a slow machine.
        took = moments[-1] - moments[0]
        self.assertGreater(took, PHONES / A_SECOND / 2)
        self.assertLessEqual(most_within_a_second(moments), 1.5 * A_SECOND)
        told = [int(count) for count in re.findall(r"(\d+) phones are connected", errors)]
        self.assertGreater(len(told), 3, errors)
        self.assertEqual(told, sorted(told, reverse=True), "and what is left becomes less")

        for user in self.users:
            wanted = sorted(phone.contact_uri for phone in moved if phone.user == user)
            found = self.others[0].lookup(f"{user}@example.org")
            self.assertEqual(sorted(one["contact"] for one in found["bindings"]), wanted)


if __name__ == "__main__":
    unittest.main()
