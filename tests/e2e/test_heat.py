"""A peer as a member of an OpenStack autoscaling group: it answers CREATE and DELETE (deploy/heat)."""

import os
import subprocess
import unittest

from lab.heat import DEPLOYMENT, NODE, FakeHeat
from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import wait_for

DONE = 0


class Heat(unittest.TestCase):
    def setUp(self):
        self.overlay = Overlay()
        self.addCleanup(self.overlay.__exit__)
        self.overlay.__enter__()
        self.overlay.start(2)

    def heat(self, **options):
        heat = FakeHeat(**options)
        self.addCleanup(heat.__exit__)
        return heat.__enter__()

    def options(self, heat):
        return ["--heat", heat.node_file(os.path.join(self.overlay.directory, "cfn-init-data"))]

    def member(self, heat):
        return self.overlay.enroll().start(options=self.options(heat))

    def answered(self, heat, count):
        wait_for(lambda: len(heat.signals) >= count, f"{count} signals", 30)
        for _, body in heat.signals:
            self.assertEqual(body["deploy_status_code"], DONE)
        self.assertEqual(len(heat.signals), count)

    def test_it_joins_and_leaves_and_nothing_is_lost(self):
        heat = self.heat()
        heat.do("CREATE", "one")
        peer = self.member(heat)
        self.answered(heat, 1)
        self.overlay.settle()
        self.overlay.add_user("alice", "wonder-1", peer)
        with Phone("alice", peer.sip("udp"), "example.org", "wonder-1") as phone:
            self.assertEqual(phone.register().status, 200)
            heat.do("DELETE", "two")
            self.assertEqual(peer.process.wait(40), 0)
            self.answered(heat, 2)
            self.assertEqual(heat.signals[1][1]["deploy_stdout"], "the peer has left")
            found = self.overlay.peers[0].lookup("alice@example.org")
            self.assertEqual([one["contact"] for one in found["bindings"]], [phone.contact_uri])

    def left_but_not_let_go(self):
        """A peer that has left for a Heat that had given up waiting, and that Heat."""
        heat = self.heat(deletes=False)
        peer = self.member(heat)
        heat.do("DELETE", "one")
        self.answered(heat, 1)
        polls = heat.polls
        wait_for(lambda: heat.polls >= polls + 2, "it asks again", 20)
        return peer, heat

    def test_it_answers_a_later_delete_if_heat_had_given_up(self):
        peer, heat = self.left_but_not_let_go()
        self.assertIsNone(peer.process.poll())
        self.assertEqual(peer.status()["state"], "left")
        self.assertEqual((peer.get("/health")[0], peer.get("/ready")[0]), (200, 503))
        heat.deletes = True
        heat.do("DELETE", "two")
        self.answered(heat, 2)
        self.assertEqual(peer.process.wait(20), 0)

    def test_once_left_it_ends_when_it_is_told(self):
        peer, _ = self.left_but_not_let_go()
        self.assertEqual(peer.terminate(10), 0)

    def test_other_deployments_are_not_ours(self):
        heat = self.heat()
        heat.do("CREATE", "zero", name="20-something-else")
        heat.do("CREATE", "one", name="carillon-lifecycle")
        self.member(heat)
        self.answered(heat, 1)
        polls = heat.polls
        wait_for(lambda: heat.polls >= polls + 2, "it asks again", 20)
        self.assertEqual(len(heat.signals), 1)

    def test_what_was_answered_is_remembered_over_a_restart(self):
        heat = self.heat(auth_suffix="")
        heat.do("CREATE", "one")
        peer = self.member(heat)
        self.answered(heat, 1)
        self.assertEqual(peer.terminate(), 0)
        polls = heat.polls
        peer.start(options=self.options(heat))
        wait_for(lambda: heat.polls >= polls + 2, "it asks again", 20)
        self.assertEqual(len(heat.signals), 1)

    def test_a_presigned_url(self):
        heat = self.heat()
        heat.do("CREATE", "one", transport="CFN_SIGNAL")
        self.member(heat)
        self.answered(heat, 1)
        self.assertEqual(heat.signals[0][0], "/presigned?Signature=x%2F")

    def test_a_signal_that_fails_is_sent_again(self):
        heat = self.heat()
        heat.failing = 2
        peer = self.member(heat)
        heat.do("DELETE", "one")
        self.assertEqual(peer.process.wait(40), 0)
        self.answered(heat, 1)

    def test_revoked_credentials_after_leaving_mean_done(self):
        heat = self.heat()
        peer = self.member(heat)
        heat.revoked.add(DEPLOYMENT["user_id"])
        heat.do("DELETE", "one")
        self.assertEqual(peer.process.wait(40), 0)
        self.assertEqual(heat.signals, [])
        self.assertIn("revoked", peer.log())

    def test_without_heat_it_serves_all_the_same(self):
        heat = self.heat()
        heat.revoked.add(NODE["user_id"])
        peer = self.member(heat)
        wait_for(lambda: "Keystone answers 401" in peer.log(), "it says why", 20)
        heat.__exit__()
        self.assertEqual(peer.get("/ready")[0], 200)
        self.assertEqual(peer.terminate(), 0)
        for secret in (NODE["password"], DEPLOYMENT["password"]):
            self.assertNotIn(secret, peer.log())

    def test_a_file_that_is_not_heats(self):
        peer = self.overlay.enroll(listed=False)
        for content in (None, "nonsense", "{}", '{"os-collect-config":{"heat":{}}}'):
            path = os.path.join(self.overlay.directory, "file")
            if content is not None:
                with open(path, "w", encoding="ascii") as file:
                    file.write(content)
            done = subprocess.run(peer.command(False, ["--heat", path]), capture_output=True,
                                  text=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 1, content)
            self.assertEqual(len([line for line in done.stderr.splitlines()
                                  if line.startswith("carillon: ")]), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
