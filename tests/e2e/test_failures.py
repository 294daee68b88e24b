"""Peers that die, leave and come back; registrations that stay (RFC 6940, 6.4.2 and 10.7)."""

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
        self.peer(3).process.terminate()
        self.assertTrue(phone.closed_by_peer(20))
        self.assertEqual(self.peer(3).process.wait(30), 0)


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
