"""An overlay that the tests of a class share."""

import sys
import unittest

from lab.overlay import Overlay
from lab.phone import Phone

PASSWORDS = {"alice": "wonder-1", "bob": "builder-2", "carol": "singer-3"}


class OverlayCase(unittest.TestCase):
    """Three peers and three users; on failure, what the peers logged."""

    PEERS = 3
    KEEP_KEYS = False
    CREATE_OPTIONS = ()
    PEER_OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.failed = False
        cls.overlay = Overlay(keep_keys=cls.KEEP_KEYS, create_options=cls.CREATE_OPTIONS,
                              **cls.overlay_options())
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.overlay.start(cls.PEERS, cls.PEER_OPTIONS)
        for user, password in PASSWORDS.items():
            cls.overlay.add_user(user, password)

    @classmethod
    def overlay_options(cls):
        """What else the overlay is to be made with."""
        return {}

    @classmethod
    def tearDownClass(cls):
        if cls.failed:
            for peer in cls.overlay.peers:
                print(f"peer {peer.number}:{peer.log_tail(25)}", file=sys.stderr)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        type(self).failed |= len(result.failures) + len(result.errors) > before

    def peer(self, number):
        return self.overlay.peers[number - 1]

    def phone(self, user, peer_number, transport="udp", **options):
        """A phone that is closed when the test ends."""
        peer = self.peer(peer_number)
        options.setdefault("password", PASSWORDS.get(user))
        phone = Phone(user, peer.sip(transport), self.overlay.domain, transport=transport,
                      **options)
        self.addCleanup(phone.close)
        return phone

    def registered(self, user, peer_number, transport="udp", **options):
        """A phone that has registered; its bindings go when the test ends."""
        phone = self.phone(user, peer_number, transport)
        self.assertEqual(phone.register(**options).status, 200)
        self.addCleanup(self.forget, user, peer_number)
        return phone

    def forget(self, user, peer_number):
        with Phone(user, self.peer(peer_number).sip("udp"), self.overlay.domain,
                   PASSWORDS[user]) as phone:
            self.assertEqual(phone.register(expires=0, contact="*").status, 200)

    def talk(self, caller, called, user):
        """A whole call: rings, is answered, is hung up by the caller."""
        call = caller.call_user(user)
        invite = called.expect("INVITE")
        called.reply(invite, 180, "Ringing")
        call.expect(180)
        called.reply(invite, 200, "OK")
        self.assertEqual(call.final().status, 200)
        call.ack()
        called.expect("ACK")
        self.hang_up(call, called)

    def hang_up(self, call, called):
        """BYE from the caller while the called phone answers it."""
        import threading
        answering = threading.Thread(target=lambda: called.reply(called.expect("BYE"), 200, "OK"))
        answering.start()
        try:
            self.assertEqual(call.bye().status, 200)
        finally:
            answering.join()
