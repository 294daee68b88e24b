"""Many SIPp phones at three peers: all register, all refresh, and all can be found.

300 of them; 10,000 with ./test --long.
"""

import os
import sys
import time
import unittest

from case import OverlayCase
from lab.control import Control
from lab.processes import REPOSITORY, cpu_seconds, free_port, resident_bytes
from lab.sipp import Sipp

COUNT = 10_000 if os.environ.get("CARILLON_LONG_TESTS") == "ON" else 300
ROUNDS = 3
# A second, at each peer: what half a core bears, whoever else is busy.
NEW_RATE, REFRESH_RATE = 60, 200
PASSWORD = "many-phones"
SCENARIO = os.path.join(REPOSITORY, "benchmarks", "sipp", "register.xml")


class ManyPhones(OverlayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = [f"phone{number}" for number in range(COUNT)]
        with Control(cls.overlay.peers[0].control) as control:
            for name in cls.names:
                control.ask("user_add", aor=f"{name}@{cls.overlay.domain}", password=PASSWORD)
        cls.port = free_port()
        cls.lists = []
        for number in range(cls.PEERS):
            path = os.path.join(cls.overlay.directory, f"phones{number}.csv")
            cls.lists.append((path, cls.names[number::cls.PEERS]))
            with open(path, "w", encoding="ascii") as text:
                text.write("SEQUENTIAL\n" + "".join(
                    f"{name};[authentication username={name} password={PASSWORD}];\n"
                    for name in cls.lists[-1][1]))

    def round(self, number):
        """Each phone registers once, all three peers at the same time. SIPp fails if one fails."""
        running = [
            Sipp(SCENARIO, self.overlay.directory, target=peer.sip("udp"), calls=len(names),
                 seconds=60 + len(names) // 10,
                 keys={"cseq_first": str(2 * number + 1), "cseq_second": str(2 * number + 2),
                       "contact_port": str(self.port)},
                 options=["-inf", path, "-r", str(REFRESH_RATE if number else NEW_RATE), "-l", "400", "-cid_str", "%u@many"])
            for peer, (path, names) in zip(self.overlay.peers, self.lists)]
        for one in running:
            self.addCleanup(one.__exit__)
        for one in running:
            one.wait()

    def total(self, metric):
        return sum(peer.metrics()[metric] for peer in self.overlay.peers)

    def test_all_register_and_refresh(self):
        pids = [peer.process.pid for peer in self.overlay.peers]
        for number in range(ROUNDS):
            began, used = time.monotonic(), cpu_seconds(pids)
            self.round(number)
            print(f"round {number}: {COUNT} phones in {time.monotonic() - began:.1f} s, "
                  f"{(cpu_seconds(pids) - used) / COUNT * 1e6:.0f} us of CPU each, peers of "
                  f"{[resident_bytes(pid)['all'] >> 20 for pid in pids]} MiB", file=sys.stderr)
            self.assertEqual(self.total("carillon_bindings"), COUNT)
            self.assertEqual(self.total("carillon_registrations_total"), COUNT * (number + 1))
        # Only the first round asked the overlay.
        self.assertEqual(self.total("carillon_refreshes_total"), COUNT * (ROUNDS - 1))
        for name in self.names[::max(1, COUNT // 50)]:
            found = self.peer(1).lookup(f"{name}@example.org")
            self.assertEqual(len(found["bindings"]), 1, name)


if __name__ == "__main__":
    unittest.main()
