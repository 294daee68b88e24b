"""What one address may do, who is banned and for how long, and what subscribers hear."""

import unittest

from case import OverlayCase
from lab.processes import wait_for

BAN_SECONDS = 3


class Bans(OverlayCase):
    PEERS = 1
    PEER_OPTIONS = ("--source-failures", "3", "--ban", str(BAN_SECONDS))

    def test_guessing_ends_in_a_ban_and_the_ban_ends(self):
        phone = self.phone("bob", 1)
        for _ in range(4):
            self.assertEqual(phone.register(password="guess").status, 401)
        phone.send(phone.register_request())
        self.assertTrue(phone.nothing_arrives(range(200, 700), 1))
        metrics = self.peer(1).metrics()
        self.assertEqual(metrics["carillon_sip_bans_total"], 1)
        self.assertEqual(metrics["carillon_sip_wrong_passwords_total"], 4)
        self.assertGreater(metrics['carillon_sip_refused_total{reason="banned"}'], 0)

        def served_again():
            other = self.phone("bob", 1)
            other.send(other.register_request())
            return not other.nothing_arrives(range(200, 700), 0.5)
        wait_for(served_again, "the ban ends", BAN_SECONDS + 10)
        self.registered("bob", 1)


class Flood(OverlayCase):
    PEERS = 1
    PEER_OPTIONS = ("--source-rate", "10")

    def test_what_is_over_the_rate_is_dropped(self):
        phone = self.phone("bob", 1)
        for _ in range(200):
            phone.send(phone.request("OPTIONS", "sip:example.org"))
        answers = 0
        while not phone.nothing_arrives(200, 1):
            answers += 1
        self.assertGreaterEqual(answers, 40)
        self.assertLess(answers, 100)
        dropped = self.peer(1).metrics()['carillon_sip_refused_total{reason="flood"}']
        self.assertEqual(dropped, 200 - answers)
        # Who keeps to the rate is served.
        wait_for(lambda: self.phone("bob", 1).register().status == 200, "the bucket fills", 10)


class Digests(OverlayCase):
    PEERS = 1
    PEER_OPTIONS = ("--digest", "SHA-512-256", "--digest", "MD5")

    def test_sha_512_256(self):
        for algorithm in ("SHA-512-256", "MD5"):
            phone = self.phone("bob", 1)
            self.assertEqual(phone.register(algorithm=algorithm).status, 200)
            self.assertEqual(phone.register(algorithm=algorithm, password="guess").status, 401)


class Registrations(OverlayCase):
    """RFC 3680 and 5627 through whole processes."""

    def subscribe(self, watcher, expires=600):
        response = watcher.authenticated(watcher.request(
            "SUBSCRIBE", watcher.aor, extra=[
                ("Contact", f"<{watcher.contact_uri}>"), ("Event", "reg"),
                ("Expires", str(expires)), ("Accept", "application/reginfo+xml")]))
        self.assertEqual(response.status, 200)

    def notified(self, watcher, seconds=15):
        notify = watcher.expect("NOTIFY", seconds)
        watcher.reply(notify, 200, "OK")
        self.assertEqual(notify.get("Event"), "reg")
        return notify

    def test_a_user_hears_of_his_phones_at_any_peer(self):
        watcher = self.phone("bob", 1)
        self.subscribe(watcher)
        self.assertIn('state="init"', self.notified(watcher).body)
        here = self.registered("bob", 1)
        self.assertIn(here.contact_uri, self.notified(watcher).body)
        elsewhere = self.registered("bob", 2)
        body = self.notified(watcher, 45).body
        self.assertIn(elsewhere.contact_uri, body)
        self.assertNotIn(here.contact_uri, body)

    def test_others_do_not(self):
        watcher = self.phone("alice", 1)
        response = watcher.authenticated(watcher.request(
            "SUBSCRIBE", "sip:bob@example.org", extra=[
                ("Contact", f"<{watcher.contact_uri}>"), ("Event", "reg")]))
        self.assertEqual(response.status, 403)

    def test_a_gruu_is_good_at_every_peer(self):
        phone = self.phone("bob", 2, "tcp")
        response = phone.register(
            contact=f'<{phone.contact_uri}>;+sip.instance="<urn:uuid:'
                    '00000000-0000-1000-8000-000a95a0e128>";reg-id=1',
            extra=[("Supported", "path, outbound, gruu")])
        self.addCleanup(self.forget, "bob", 2)
        self.assertEqual(response.get("Require"), "outbound")
        self.assertEqual(response.get("Flow-Timer"), "120")
        contact = response.get("Contact")
        for name in ("pub-gruu", "temp-gruu"):
            with self.subTest(name):
                uri = contact.split(name + '="')[1].split('"')[0]
                caller = self.phone("alice", 3)
                call = caller.invite(uri)
                invite = phone.expect("INVITE")
                self.assertEqual(len(invite.all("Via")), 1, "the inside shows")
                phone.reply(invite, 486, "Busy Here")
                self.assertEqual(call.final().status, 486)
                phone.expect("ACK")


if __name__ == "__main__":
    unittest.main()
