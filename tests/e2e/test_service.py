"""A peer as systemd runs it, and how it tells what it does while it leaves."""

import os
import re
import socket
import subprocess
import threading
import time
import unittest

from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import program, start, stop, wait_for


class Manager:
    """systemd's side of sd_notify(3): a datagram socket that remembers what it was told."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path if not path.startswith("@") else "\0" + path[1:])
        self.told = []
        self.times = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                text = self.socket.recv(4096).decode()
            except OSError:
                return
            self.times.append(time.monotonic())
            self.told.append(dict(line.split("=", 1) for line in text.split("\n")))

    def saying(self, key):
        return [message[key] for message in self.told if key in message]

    def close(self):
        self.socket.close()


class Service(unittest.TestCase):
    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()

    def managed(self, path, **environment):
        """A peer that is started under a manager."""
        manager = Manager(path)
        self.addCleanup(manager.close)
        variables = {"NOTIFY_SOCKET": path, **environment}
        os.environ.update(variables)
        self.addCleanup(lambda: [os.environ.pop(name, None) for name in variables])
        peer = self.overlay.enroll().start(first=not self.overlay.living())
        for name in variables:
            os.environ.pop(name)
        return peer, manager

    def test_ready_status_watchdog_stopping(self):
        peer, manager = self.managed(os.path.join(self.overlay.directory, "notify"),
                                     WATCHDOG_USEC="400000")
        wait_for(lambda: manager.saying("READY") == ["1"], "READY=1")
        self.assertEqual(manager.told[0], {"STATUS": "joining the overlay"})
        self.assertRegex(manager.saying("STATUS")[1], r"^joined; 0 links, 0 bindings$")
        before = len(manager.saying("WATCHDOG"))
        wait_for(lambda: len(manager.saying("WATCHDOG")) > before + 5, "the watchdog is fed", 5)
        self.overlay.add_user("alice", "wonder-1")
        with Phone("alice", peer.sip("udp"), "example.org", "wonder-1") as phone:
            self.assertEqual(phone.register().status, 200)
            wait_for(lambda: "joined; 0 links, 1 bindings" in manager.saying("STATUS"),
                     "the status follows", 10)
        self.assertEqual(manager.saying("STOPPING"), [])
        self.assertEqual(peer.terminate(), 0)
        wait_for(lambda: manager.saying("STOPPING") == ["1"], "STOPPING=1")
        self.assertEqual(manager.saying("READY"), ["1"])

    def test_a_socket_in_the_abstract_namespace(self):
        _, manager = self.managed(f"@carillon-test-{os.getpid()}")
        wait_for(lambda: manager.saying("READY") == ["1"], "READY=1")
        self.assertEqual(manager.saying("WATCHDOG"), [])

    def test_nobody_listens(self):
        os.environ["NOTIFY_SOCKET"] = os.path.join(self.overlay.directory, "nobody")
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
        peer = self.overlay.enroll().start(first=True)
        self.assertEqual(peer.terminate(), 0)

    def test_leaving_is_told_step_by_step(self):
        self.overlay.start(3)
        peer = self.overlay.peers[0]
        for user in ("alice", "bob"):
            self.overlay.add_user(user, "wonder-1")
        caller = Phone("alice", peer.sip("udp"), "example.org", "wonder-1")
        called = Phone("bob", peer.sip("udp"), "example.org", "wonder-1")
        self.addCleanup(caller.close)
        self.addCleanup(called.close)
        self.assertEqual(caller.register().status, 200)
        self.assertEqual(called.register().status, 200)
        call = caller.call_user("bob")
        invite = called.expect("INVITE")
        called.reply(invite, 180, "Ringing")
        call.expect(180)

        # A call that rings is waited for: the peer stays, and says what it does.
        leaving = start([program(), "leave", "--wait", "--control", peer.control], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(stop, leaving)
        self.assertRegex(leaving.stderr.readline(),
                         r"^leaving: \d+ transactions run to their end, 0 phones are connected, "
                         r"\d+ s$")
        self.assertEqual(peer.status()["state"], "draining")
        status = peer.status()["leaving"]
        self.assertEqual(status["stage"], "ending_transactions")
        self.assertGreaterEqual(status["transactions"], 1)
        self.assertRegex(peer.carillon("status"), r"state +draining\nleaving +leaving: \d+ trans")
        self.assertEqual(peer.get("/ready"), (503, "draining: ending_transactions\n"))
        self.assertEqual(peer.get("/health")[0], 200)
        metrics = peer.metrics()
        self.assertEqual(metrics['carillon_leave_stage{stage="ending_transactions"}'], 1)
        self.assertGreaterEqual(metrics['carillon_leave_remaining{what="transactions"}'], 1)
        self.assertEqual(caller.register().status, 503)

        called.reply(invite, 486, "Busy Here")
        self.assertEqual(call.final().status, 486)
        called.expect("ACK")
        output, errors = leaving.communicate(timeout=40)
        self.assertEqual(leaving.returncode, 0, errors)
        self.assertEqual(output, f"peer {peer.node_id} has left\n")
        for line in errors.splitlines():
            self.assertTrue(re.match("leaving: |has left$", line), line)
        self.assertEqual(peer.process.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
