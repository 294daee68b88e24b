"""Registrations as RFC 3261, section 10, and RFC 7616 and 8760 have them."""

import unittest

from case import PASSWORDS, OverlayCase
from lab.phone import Phone
from lab.sip import challenges, digest_answer, uri_of


class Registration(OverlayCase):
    def test_every_transport_and_digest(self):
        for transport in ("udp", "tcp"):
            for algorithm in ("MD5", "SHA-256"):
                with self.subTest(transport=transport, algorithm=algorithm):
                    phone = self.phone("alice", 2, transport)
                    response = phone.register(algorithm=algorithm)
                    self.assertEqual(response.status, 200)
                    self.assertIn(phone.contact_uri, [uri_of(value) for value in
                                                      response.all("Contact")])
                    self.assertEqual(phone.register(expires=0).status, 200)

    def test_the_username_may_carry_the_domain(self):
        phone = self.phone("alice", 1)
        response = phone.register(user="alice@example.org")
        self.assertEqual(response.status, 200)
        self.forget("alice", 1)

    def test_the_challenge_has_both_digests_md5_first(self):
        phone = self.phone("alice", 1)
        phone.send(phone.register_request())
        offered = challenges(phone.final("REGISTER"))
        self.assertEqual([one["algorithm"] for one in offered], ["MD5", "SHA-256"])
        self.assertEqual({one["realm"] for one in offered}, {"example.org"})

    def test_wrong_password(self):
        phone = self.phone("bob", 1)
        self.assertIn(phone.register(password="guessed").status, (401, 403))
        self.assertEqual(self.phone("bob", 1).bindings(), [])

    def test_replayed_credentials(self):
        phone = self.phone("bob", 1)
        message = phone.register_request()
        phone.send(message)
        challenge = challenges(phone.final("REGISTER"))[0]
        answer = digest_answer(challenge, "bob", PASSWORDS["bob"], "REGISTER", "sip:example.org")
        phone.send(phone.answered(message, "Authorization", answer))
        self.assertEqual(phone.final("REGISTER").status, 200)
        self.addCleanup(self.forget, "bob", 1)

        thief = self.phone("bob", 1)
        stolen = thief.register_request()
        thief.send(thief.answered(stolen, "Authorization", answer))
        self.assertEqual(thief.final("REGISTER").status, 401)
        self.assertNotIn(thief.contact_uri, phone.bindings())

    def test_a_nonce_that_was_never_given(self):
        phone = self.phone("bob", 1)
        forged = {"realm": "example.org", "nonce": "Zm9yZ2Vk", "algorithm": "MD5"}
        phone.send(phone.answered(phone.register_request(), "Authorization", digest_answer(
            forged, "bob", PASSWORDS["bob"], "REGISTER", "sip:example.org")))
        self.assertEqual(phone.final("REGISTER").status, 401)

    def test_one_user_may_not_register_another(self):
        phone = self.phone("alice", 1)
        self.assertEqual(phone.register(to="sip:bob@example.org").status, 403)
        self.assertEqual(self.phone("bob", 3).bindings(), [])

    def test_an_unknown_user(self):
        phone = self.phone("mallory", 1, password="x")
        self.assertIn(phone.register().status, (401, 403, 404))

    def test_refresh(self):
        phone = self.registered("bob", 2)
        for _ in range(3):
            self.assertEqual(phone.register().status, 200)
        self.assertEqual(phone.bindings(), [phone.contact_uri])

    def test_a_binding_is_seen_and_removed_at_every_peer(self):
        phone = self.registered("bob", 2)
        for number in (1, 2, 3):
            self.assertEqual(self.phone("bob", number).bindings(), [phone.contact_uri])
        for number in (1, 3, 2):
            with self.subTest(removed_at=number):
                other = self.phone("bob", number)
                response = other.register(expires=0, contact=f"<{phone.contact_uri}>")
                self.assertEqual(response.status, 200)
                for at in (1, 2, 3):
                    self.assertEqual(self.phone("bob", at).bindings(), [])
                self.assertEqual(phone.register().status, 200)

    def test_several_contacts_and_their_order(self):
        phone = self.phone("bob", 1)
        self.addCleanup(self.forget, "bob", 1)
        wanted = "<sip:bob@127.0.0.1:4001>;q=0.3, <sip:bob@127.0.0.1:4002>;q=0.9"
        self.assertEqual(phone.register(contact=wanted).status, 200)
        self.assertEqual(set(phone.bindings()),
                         {"sip:bob@127.0.0.1:4001", "sip:bob@127.0.0.1:4002"})

    def test_star_removes_all(self):
        first, second = self.registered("carol", 1), self.registered("carol", 3)
        self.assertEqual(set(first.bindings()), {first.contact_uri, second.contact_uri})
        self.assertEqual(first.register(expires=0, contact="*").status, 200)
        self.assertEqual(second.bindings(), [])

    def test_star_wants_expires_zero_and_nothing_else(self):
        phone = self.phone("carol", 1)
        self.assertEqual(phone.register(expires=60, contact="*").status, 400)
        self.assertEqual(phone.register(expires=0, contact="*, <sip:c@127.0.0.1>").status, 400)

    def test_too_brief(self):
        phone = self.phone("carol", 1)
        response = phone.register(expires=1)
        self.assertEqual(response.status, 423)
        self.assertEqual(phone.register(expires=int(response.get("Min-Expires"))).status, 200)
        self.forget("carol", 1)

    def test_the_answer_says_how_long(self):
        phone = self.phone("carol", 1)
        response = phone.register(expires=600)
        self.addCleanup(self.forget, "carol", 1)
        self.assertRegex(response.get("Contact"), r";\s*expires=(600|59\d)\b")

    def test_a_user_who_is_removed_can_register_no_more(self):
        self.overlay.add_user("dave", "short-lived")
        phone = self.phone("dave", 2, password="short-lived")
        self.assertEqual(phone.register().status, 200)
        self.peer(3).carillon("user", "remove", "dave@example.org")
        # His bindings go at once, so nobody reaches him any more; he can do nothing new at once
        # where it was said, and within half a minute elsewhere, which the registrar's and the
        # proxy's own tests show under virtual time.
        for number in (1, 2, 3):
            self.assertEqual(self.peer(number).lookup("dave@example.org")["bindings"], [])
            # 480, as of a user who is offline, where he was known within that half minute.
            status = self.phone("alice", number).call_user("dave").final().status
            self.assertIn(status, (404,) if number == 3 else (404, 480))
        late = Phone("dave", self.peer(3).sip("udp"), password="short-lived")
        self.addCleanup(late.close)
        self.assertIn(late.register().status, (401, 403, 404))

    def test_a_closed_flow_takes_its_binding_along(self):
        phone = self.phone("bob", 2, "tcp")
        self.assertEqual(phone.register().status, 200)
        self.assertEqual(self.phone("bob", 1).bindings(), [phone.contact_uri])
        phone.close()
        from lab.processes import wait_for
        wait_for(lambda: self.phone("bob", 3).bindings() == [], "the binding is gone", 15)


if __name__ == "__main__":
    unittest.main()
