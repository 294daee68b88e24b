"""Debian's baresip and linphone over UDP, TCP and TLS: they register, call, are called, hang up, are
killed and come back."""

import unittest

from case import PASSWORDS
from lab.baresip import Baresip
from lab.linphone import Linphone
from lab.processes import wait_for
from secure_case import SecureCase

TRANSPORTS = ("udp", "tcp", "tls")


class RealPhones:
    """What every phone must be able to do; `PHONE` makes one."""

    TRANSPORTS = TRANSPORTS

    def real(self, user, peer_number, transport, **options):
        phone = self.PHONE(self.overlay.directory, user, PASSWORDS[user],
                           self.peer(peer_number).sip(transport), transport,
                           trusted=self.authority.path, **options)
        self.addCleanup(phone.__exit__)
        return phone

    def bindings(self, user):
        return self.peer(3).lookup(f"{user}@example.org")["bindings"]

    def wait_registered(self, phone, user, others=()):
        wait_for(lambda: any(binding["contact"] not in others for binding in self.bindings(user)),
                 f"{user} has registered: {phone.log()[-1000:]}")

    def is_called(self, phone, user):
        """A call through another peer, answered by the phone and hung up by the caller."""
        caller = self.phone("alice", 3)
        call = caller.call_user(user)
        self.assertEqual(call.final().status, 200, phone.log()[-1000:])
        call.ack()
        wait_for(lambda: self.IN_CALL in phone.log(), "the phone is in the call")
        self.assertEqual(call.bye().status, 200)
        caller.close()

    def test_is_killed_and_comes_back(self):
        for transport in self.TRANSPORTS:
            with self.subTest(transport=transport):
                phone = self.real("bob", 1, transport)
                self.wait_registered(phone, "bob")
                self.is_called(phone, "bob")
                before = {binding["contact"] for binding in self.bindings("bob")}
                phone.kill()
                if transport != "udp":  # The connection's end is the binding's.
                    wait_for(lambda: not self.bindings("bob"), "its binding has gone")
                again = self.real("bob", 2, transport)
                self.wait_registered(again, "bob", before if transport == "udp" else ())
                self.is_called(again, "bob")
                again.__exit__()
                self.forget("bob", 2)

    def test_calls_another_and_hangs_up(self):
        for transport in self.TRANSPORTS:
            with self.subTest(transport=transport):
                called = self.registered("carol", 2, transport)
                caller = self.real("bob", 1, transport, **self.dial("sip:carol@example.org"))
                self.dialled(caller, "sip:carol@example.org")
                invite = called.expect("INVITE")
                called.reply(invite, 180, "Ringing")
                called.reply(invite, 200, "OK")
                called.expect("ACK")
                self.hang_up(caller)
                called.reply(called.expect("BYE"), 200, "OK")
                caller.__exit__()
                called.close()
                self.forget("bob", 1)


class BaresipPhone(RealPhones, SecureCase):
    PHONE = Baresip
    IN_CALL = "established"

    def dial(self, uri):
        return {"options": ["-e", f"/dial {uri}"]}

    def dialled(self, phone, uri):
        pass

    def hang_up(self, phone):
        phone.__exit__()  # Ended in order, it says BYE.


class LinphonePhone(RealPhones, SecureCase):
    PHONE = Linphone
    IN_CALL = "Media streams established"

    def dial(self, uri):
        return {}

    def dialled(self, phone, uri):
        self.wait_registered(phone, "bob")
        phone.command(f"call {uri}")

    def hang_up(self, phone):
        phone.command("terminate")


if __name__ == "__main__":
    unittest.main()
