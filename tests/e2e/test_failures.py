"""Peers that die, leave and come back; registrations that stay (RFC 6940, 6.4.2 and 10.7)."""

import signal
import time
import unittest

from case import PASSWORDS, OverlayCase
from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import wait_for


class EachPeerDies(OverlayCase):
    def test_calls_go_on_whoever_dies(self):
        called = self.phone("bob", 2)
        self.assertEqual(called.register().status, 200)
        for victim in (1, 2, 3):
            with self.subTest(victim=victim):
                self.peer(victim).kill()
                for through in {1, 2, 3} - {victim}:
                    self.talk(self.phone("alice", through), called, "bob")
                self.peer(victim).start()
                self.overlay.settle()
                self.talk(self.phone("alice", victim), called, "bob")

    def test_registering_goes_on_whoever_dies(self):
        for victim in (1, 2, 3):
            with self.subTest(victim=victim):
                self.peer(victim).kill()
                for at in {1, 2, 3} - {victim}:
                    with self.phone("carol", at) as phone:
                        self.assertEqual(phone.register().status, 200)
                        self.assertEqual(phone.register(expires=0).status, 200)
                self.peer(victim).start()
                self.overlay.settle()


class APeerFallsSilent(OverlayCase):
    """Stopped, not killed: its connections stay open, and nothing comes out of them."""

    LINK_SILENCE_SECONDS = 3  # docs/decisions/0001
    SCHEDULING_SECONDS = 2    # Of a busy machine.

    def test_it_is_noticed_soon_and_calls_go_on(self):
        called, caller = self.registered("bob", 2), self.phone("alice", 1)
        silent = self.peer(3)
        silent.process.send_signal(signal.SIGSTOP)
        self.addCleanup(silent.process.send_signal, signal.SIGCONT)
        began = time.monotonic()
        for number in (1, 2):
            wait_for(lambda at=self.peer(number): silent.node_id not in at.status()["successors"],
                     f"peer {number} has noticed")
        self.assertLess(time.monotonic() - began,
                        self.LINK_SILENCE_SECONDS + self.SCHEDULING_SECONDS)
        self.talk(caller, called, "bob")
        silent.process.send_signal(signal.SIGCONT)
        self.overlay.settle()
        self.talk(self.phone("alice", 3), called, "bob")


class Leaving(OverlayCase):
    PEERS = 4

    def test_peers_leave_one_by_one_and_nothing_is_lost(self):
        users = [f"guest{number}" for number in range(12)]
        phones = {}
        for user in users:
            self.overlay.add_user(user, "welcome")
            phones[user] = self.phone(user, 4, password="welcome")
            self.assertEqual(phones[user].register().status, 200)
        for number in (1, 2, 3):  # the first is the bootstrap peer, and the oldest
            with self.subTest(leaves=number):
                self.assertEqual(self.peer(number).terminate(), 0)
                self.overlay.settle()
                for user in users:
                    found = self.peer(4).lookup(f"{user}@example.org")
                    self.assertEqual(len(found["bindings"]), 1, user)
        caller = self.phone("alice", 4)
        for user in users[:3]:
            self.talk(caller, phones[user], user)


class LeaveCommand(OverlayCase):
    def test_leave_is_the_same_as_sigterm(self):
        called = self.registered("bob", 2)
        self.peer(1).carillon("leave")
        self.assertEqual(self.peer(1).process.wait(30), 0)
        self.overlay.settle()
        self.talk(self.phone("alice", 3), called, "bob")

    def test_phones_are_sent_elsewhere(self):
        phone = self.phone("carol", 3, "tcp")
        self.assertEqual(phone.register().status, 200)
        self.assertEqual(self.phone("alice", 3).register().status, 200)
        self.peer(3).process.terminate()
        self.assertTrue(phone.closed_by_peer(20))
        self.assertEqual(self.peer(3).process.wait(30), 0)
        # Nobody is left waiting for a connection that has ended; who needs none is called on.
        self.assertEqual(self.peer(2).lookup("carol@example.org")["bindings"], [])
        self.assertEqual(len(self.peer(2).lookup("alice@example.org")["bindings"]), 1)


class LeavingDuringACall(OverlayCase):
    def setUp(self):
        """A call through a peer that is told to leave while the phone rings."""
        self.leaver = self.overlay.start(1)[0]
        number = self.leaver.number
        self.called, self.caller = self.registered("bob", 1), self.phone("alice", number)
        self.call = self.caller.call_user("bob")
        self.invite = self.called.expect("INVITE")
        self.called.reply(self.invite, 180, "Ringing")
        self.call.expect(180)
        self.leaver.process.send_signal(signal.SIGTERM)
        with self.phone("carol", number) as late:
            wait_for(lambda: late.register(expires=60).status == 503, "no more registrations")
        self.assertTrue(self.leaver.alive(), "it waits for the call to be answered")

    def test_what_runs_may_end(self):
        self.called.reply(self.invite, 200, "OK")
        self.assertEqual(self.call.final().status, 200)
        self.assertEqual(self.leaver.process.wait(20), 0)
        self.overlay.settle()

    def test_a_second_signal_ends_it_at_once(self):
        self.leaver.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.leaver.process.wait(2), 1)
        self.assertIn("second signal", self.leaver.log())
        self.overlay.settle()


class Restart(unittest.TestCase):
    def test_a_single_peer_has_its_data_after_kill_9(self):
        with Overlay() as overlay:
            peer, = overlay.start(1)
            overlay.add_user("bob", PASSWORDS["bob"])
            with Phone("bob", peer.sip("udp"), password=PASSWORDS["bob"]) as phone:
                self.assertEqual(phone.register().status, 200)
                before = peer.node_id
                peer.kill()
                peer.start(first=True)
                self.assertEqual(peer.node_id, before)
                self.assertEqual(phone.bindings(), [phone.contact_uri])
                self.assertEqual(phone.register().status, 200)

    def test_a_whole_overlay_comes_back(self):
        with Overlay() as overlay:
            peers = overlay.start(3)
            overlay.add_user("bob", PASSWORDS["bob"])
            with Phone("bob", peers[1].sip("udp"), password=PASSWORDS["bob"]) as phone:
                self.assertEqual(phone.register().status, 200)
                for peer in peers:
                    peer.kill()
                peers[2].start(first=True)
                peers[0].start()
                peers[1].start()
                overlay.settle()
                wait_for(lambda: phone.bindings() == [phone.contact_uri], "bob's binding", 20)

    def test_first_joins_those_that_are_there(self):
        """--first at a restart must not found a second overlay beside the living one."""
        with Overlay() as overlay:
            peers = overlay.start(3)
            peers[0].kill()
            peers[0].start(first=True)
            overlay.settle()


if __name__ == "__main__":
    unittest.main()
