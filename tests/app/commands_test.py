"""The commands that speak to running peers, typed as an operator types them."""

import json
import os
import stat
import unittest

from lab.control import Control
from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import wait_for

CONTACTS = "0xf0000001"


class Commands(unittest.TestCase):
    """Three processes on loopback that have joined one overlay."""

    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay()
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.overlay.start(3)

    def peer(self, number):
        return self.overlay.peers[number - 1]

    def fails(self, peer, *arguments, stdin=None):
        """The one line that says why."""
        done = peer.try_carillon(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stderr

    def test_a_value_stored_at_one_peer_is_found_at_the_others(self):
        kept = json.loads(self.peer(1).carillon("store", "dora@example.org", "--kind", CONTACTS,
                                                "--hex", "0102ff", "--json"))
        self.assertGreaterEqual(kept["replicas"], 1)
        for peer in self.overlay.peers:
            found = json.loads(peer.carillon("lookup", "dora@example.org", "--kind", CONTACTS,
                                             "--json"))
            self.assertEqual([value["hex"] for value in found["values"]], ["0102ff"])
            self.assertEqual(found["values"][0]["key"], self.peer(1).node_id)
            self.assertEqual(found["values"][0]["user"], "dora@example.org")
            self.assertEqual(found["responsible"],
                             self.overlay.responsible("dora@example.org").node_id)

    def test_what_is_removed_is_not_found(self):
        store = ("store", "eve@example.org", "--kind", CONTACTS)
        self.peer(2).carillon(*store, "--text", "here")
        self.peer(2).carillon(*store, "--remove")
        found = json.loads(self.peer(3).carillon("lookup", "eve@example.org", "--kind", CONTACTS,
                                                 "--json"))
        self.assertEqual(found["values"], [])

    def test_policies_hold_for_operators_too(self):
        line = self.fails(self.peer(1), "store", "fred@example.org", "--kind", CONTACTS, "--text",
                          "x", "--user", "somebody.else@example.org")
        self.assertIn("forbidden", line)
        line = self.fails(self.peer(1), "store", "x@foreign.example", "--kind", CONTACTS, "--text",
                          "x")
        self.assertIn("forbidden", line)

    def test_unknown_kind(self):
        self.assertIn("Kind", self.fails(self.peer(1), "store", "x", "--kind", "0x77", "--text", "x"))
        self.assertIn("Kind", self.fails(self.peer(1), "lookup", "x", "--kind", "nonsense"))

    def test_users(self):
        peer = self.peer(1)
        peer.carillon("user", "add", "gil@example.org", "--password-stdin", stdin="secret\n")
        peer.carillon("user", "add", "Sip.Hal@EXAMPLE.org", "--password", "secret")
        for other in self.overlay.peers:
            listed = other.carillon("user", "list").split()
            self.assertIn("gil@example.org", listed)
            self.assertIn("Sip.Hal@example.org", listed)
        self.peer(3).carillon("user", "remove", "gil@example.org")
        self.assertNotIn("gil@example.org", peer.carillon("user", "list").split())
        self.assertIn("not_found", self.fails(peer, "user", "remove", "gil@example.org"))

    def test_users_that_cannot_be(self):
        peer = self.peer(2)
        for aor in ("nobody", "@example.org", "ida@foreign.example"):
            with self.subTest(aor=aor):
                self.fails(peer, "user", "add", aor, "--password-stdin", stdin="secret\n")
        self.assertIn("empty", self.fails(peer, "user", "add", "ida@example.org",
                                          "--password-stdin", stdin="\n"))
        done = peer.try_carillon("user", "add", "ida@example.org")
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_passwords_are_not_logged(self):
        secret = "correct-horse-battery"
        self.peer(1).carillon("user", "add", "jo@example.org", "--password-stdin", stdin=secret)
        for peer in self.overlay.peers:
            self.assertNotIn(secret, peer.log())

    def test_not_even_the_most_talkative_log_has_secrets(self):
        secret = "battery-horse-correct"
        with Overlay() as overlay:
            peer, _ = overlay.start(2, options=["--log-level", "debug"])
            overlay.add_user("jo", secret)
            with Phone("jo", peer.sip("udp"), password=secret) as phone:
                self.assertEqual(phone.register(password="guessed").status, 401)
                self.assertEqual(phone.register().status, 200)
            with open(os.path.join(overlay.home, "operator.key"), encoding="ascii") as key:
                secrets = [secret, "guessed", "nonce=", key.read().split()[-1]]
            self.assertIn("debug", peer.log())
            for one in secrets:
                self.assertNotIn(one, peer.log())

    def test_status(self):
        status = self.peer(2).status()
        self.assertEqual(status["state"], "joined")
        self.assertEqual(status["node_id"], self.peer(2).node_id)
        self.assertEqual(status["domains"], ["example.org"])
        self.assertEqual(set(status["successors"]),
                         {peer.node_id for peer in self.overlay.peers} - {self.peer(2).node_id})
        self.assertIn(self.peer(2).node_id, self.peer(2).carillon("status"))
        self.assertNotIn("stored", status)

    def test_what_is_stored_is_counted_when_asked(self):
        def credentials(control):
            return control.ask("status", count=True)["stored"].get("0xf0000002", 0)
        # With three peers each holds everything. As many ask as want to: each is told.
        with Control(self.peer(1).control) as control:
            before = credentials(control)
        self.overlay.add_user("kay", "kay-password")
        for peer in self.overlay.peers:
            with Control(peer.control) as one, Control(peer.control) as other:
                wait_for(lambda one=one: credentials(one) == before + 1, "kay is counted")
                self.assertEqual(credentials(other), before + 1)
        self.assertIn(f"0xf0000002 {before + 1}", self.peer(2).carillon("status", "--count"))

    def test_lookup_of_nobody(self):
        found = self.peer(1).lookup("kim@example.org")
        self.assertEqual(found["bindings"], [])
        self.assertIn("nobody", self.peer(1).carillon("lookup", "sip:kim@example.org"))

    def test_nobody_at_the_socket(self):
        peer = self.peer(1)
        peer.control, control = os.path.join(self.overlay.directory, "absent"), peer.control
        self.addCleanup(setattr, peer, "control", control)
        self.assertIn("absent", self.fails(peer, "status"))

    def test_the_socket_is_the_owners_only(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.peer(1).control).st_mode), 0o600)

    def test_two_processes_on_one_data_directory(self):
        peer = self.peer(1)
        process, control, ready = peer.process, peer.control, peer.ready
        peer.process, peer.ready, peer.control = None, None, control + "2"
        try:
            with self.assertRaisesRegex(Exception, f"in use by process {process.pid}"):
                peer.start()
        finally:
            peer.process.stdout.close()
            peer.process, peer.control, peer.ready = process, control, ready


class Leaving(unittest.TestCase):
    """Peers that go, and come back."""

    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()
        self.first, self.second = self.overlay.start(2)

    def store(self, peer, name, text):
        peer.carillon("store", name, "--kind", CONTACTS, "--text", text)

    def stored(self, peer, name):
        found = json.loads(peer.carillon("lookup", name, "--kind", CONTACTS, "--json"))
        return [bytes.fromhex(value["hex"]).decode() for value in found["values"]]

    def test_the_leave_command_waits_until_it_is_done(self):
        names = [f"user{number}@example.org" for number in range(8)]
        for name in names:
            self.store(self.first, name, name)
        self.assertIn("has left", self.first.carillon("leave"))
        self.assertEqual(self.first.process.wait(10), 0)
        self.assertFalse(os.path.exists(self.first.control))
        for name in names:
            self.assertEqual(self.stored(self.second, name), [name])

    def test_sigterm_leaves_in_order(self):
        self.store(self.second, "lee@example.org", "kept")
        self.assertEqual(self.second.terminate(), 0)
        self.assertIn("left the overlay", self.second.log())
        self.assertEqual(self.stored(self.first, "lee@example.org"), ["kept"])

    def test_a_peer_finds_its_overlay_again_without_bootstrap_nodes(self):
        known = os.path.join(self.second.data, "known-peers")
        wait_for(lambda: os.path.exists(known), "the known peers are remembered")
        self.second.kill()
        first, self.overlay.peers = self.overlay.peers[0], [self.second]  # Gives no --bootstrap.
        self.second.start()
        self.overlay.peers = [first, self.second]
        self.overlay.settle()

    def test_the_last_one_has_its_data_when_it_comes_back(self):
        self.store(self.first, "mia@example.org", "kept")
        for peer in (self.second, self.first):
            self.assertEqual(peer.terminate(), 0)
        self.first.start(first=True)
        self.assertEqual(self.stored(self.first, "mia@example.org"), ["kept"])


if __name__ == "__main__":
    unittest.main()
