"""Phones over TLS: calls, sips:, a certificate that is renewed, and those who come to do harm."""

import contextlib
import os
import signal
import socket
import ssl
import time
import unittest

from lab.phone import SDP
from lab.processes import wait_for
from lab.sip import uri_of
from secure_case import SecureCase

# A handshake must be done within 5 s (StreamLimits).
HANDSHAKE_SECONDS = 5


class TlsPhones(SecureCase):
    def test_is_called_on_its_connection_with_either_version(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                called = self.phone("bob", 1, "tls", tls_version=version)
                self.assertEqual(called.register().status, 200)
                self.assertEqual(called.bindings(), [called.contact_uri])
                self.talk(self.phone("alice", 3), called, "bob")
                self.talk(self.phone("alice", 1, "tls", tls_version=version), called, "bob")
                self.forget("bob", 1)

    def test_calls_and_is_hung_up_by_the_other_side(self):
        called = self.registered("bob", 2, "tls")
        caller = self.phone("alice", 3, "tls")
        call = caller.call_user("bob")
        invite = called.expect("INVITE")
        self.assertTrue(invite.get("Via").startswith("SIP/2.0/TLS "))
        called.reply(invite, 200, "OK")
        answer = call.final()
        self.assertEqual(answer.status, 200)
        call.ack()
        called.expect("ACK")
        message = called.request(
            "BYE", uri_of(invite.get("Contact")), call_id=invite.get("Call-ID"), sequence=7,
            extra=[("Route", part.strip()) for value in invite.all("Record-Route")
                   for part in value.split(",")])
        message.headers = [(name, {"From": answer.get("To"), "To": invite.get("From")}
                            .get(name, value)) for name, value in message.headers]
        called.send(message)
        caller.reply(caller.expect("BYE"), 200, "OK")
        self.assertEqual(called.final("BYE").status, 200)

    def test_old_versions_are_refused(self):
        context = ssl.create_default_context(cafile=self.authority.path)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(self.peer(1).sip("tls")) as plain:
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                context.wrap_socket(plain, server_hostname="example.org")


class Sips(SecureCase):
    """sips: promises TLS on every hop (RFC 3261, 26.2.2; RFC 5630)."""

    def test_reaches_who_registered_with_sips_over_tls(self):
        called = self.registered("bob", 1, "tls", contact="<sips:bob@phone.invalid>",
                                 to="sips:bob@example.org")
        caller = self.phone("alice", 3, "tls")
        call = caller.invite("sips:bob@example.org")
        invite = called.expect("INVITE")
        self.assertTrue(invite.start.startswith("INVITE sips:"), invite.start)
        self.assertTrue(all("<sips:" in value for value in invite.all("Record-Route")))
        called.reply(invite, 200, "OK", extra=[("Contact", "<sips:bob@phone.invalid>")], body=SDP)
        self.assertEqual(call.final().status, 200)

    def test_a_plain_call_reaches_it_as_sip(self):
        called = self.registered("bob", 1, "tls", contact="<sips:bob@phone.invalid>")
        call = self.phone("alice", 3).call_user("bob")
        invite = called.expect("INVITE")
        self.assertTrue(invite.start.startswith("INVITE sip:bob@phone.invalid"), invite.start)
        called.reply(invite, 486, "Busy")
        self.assertEqual(call.final().status, 486)

    def test_does_not_reach_who_registered_without(self):
        self.registered("bob", 1, "tls")
        call = self.phone("alice", 3, "tls").invite("sips:bob@example.org")
        self.assertEqual(call.final().status, 480)

    def test_is_refused_without_tls(self):
        phone = self.phone("alice", 1, "tcp")
        phone.send(phone.request("OPTIONS", "sips:example.org"))
        self.assertEqual(phone.final("OPTIONS").status, 416)


class Certificate(SecureCase):
    PEERS = 1

    def shown(self):
        """The certificate that a new connection sees."""
        phone = self.phone("alice", 1, "tls")
        return phone.socket.getpeercert(binary_form=True)

    def test_is_read_again_when_its_files_change(self):
        before = self.shown()
        phone = self.registered("bob", 1, "tls")
        self.authority.issue("phones")
        wait_for(lambda: self.shown() != before, "the new certificate is shown")
        self.assertEqual(phone.register().status, 200, "the old connection lives on")

    def test_what_cannot_be_used_is_not_taken(self):
        before = self.shown()
        with open(self.key, encoding="ascii") as text:
            right = text.read()
        other = self.authority.issue("other")[1]
        os.replace(other, self.key)
        os.kill(self.peer(1).process.pid, signal.SIGHUP)
        wait_for(lambda: "stays the old one" in self.peer(1).log(), "the peer complains")
        self.assertEqual(self.shown(), before)
        with open(self.key, "w", encoding="ascii") as text:
            text.write(right)
        seen = self.peer(1).log().count("has been read again")
        os.kill(self.peer(1).process.pid, signal.SIGHUP)
        wait_for(lambda: self.peer(1).log().count("has been read again") > seen, "it is content")


class Hostile(SecureCase):
    PEERS = 1

    def connect(self):
        plain = socket.create_connection(self.peer(1).sip("tls"))
        plain.settimeout(HANDSHAKE_SECONDS + 5)
        self.addCleanup(plain.close)
        return plain

    def closes(self, plain):
        """True once the peer has closed the connection."""
        try:
            while plain.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return True

    def flows(self):
        return self.peer(1).metrics()["carillon_sip_flows"]

    def test_what_is_no_tls_ends_the_connection(self):
        for octets in (b"OPTIONS sip:example.org SIP/2.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"a" * 70000,
                       os.urandom(300)):
            plain = self.connect()
            with contextlib.suppress(OSError):  # It may be ended before all is said.
                plain.sendall(octets)
                plain.shutdown(socket.SHUT_WR)
            self.assertTrue(self.closes(plain))
        self.assertEqual(self.flows(), 0)

    def test_a_handshake_that_never_ends_is_ended(self):
        begun = time.monotonic()
        silent, halfway = self.connect(), self.connect()
        hello = ssl.MemoryBIO()
        client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello,
                                                       server_hostname="example.org")
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        halfway.sendall(hello.read()[:40])
        self.assertTrue(self.closes(silent))
        self.assertTrue(self.closes(halfway))
        self.assertGreater(time.monotonic() - begun, HANDSHAKE_SECONDS - 1)
        self.phone("alice", 1, "tls").register()

    def test_a_connection_cut_off_within_a_record_takes_its_bindings_along(self):
        phone = self.phone("bob", 1, "tls")
        self.assertEqual(phone.register().status, 200)
        raw = socket.socket(fileno=os.dup(phone.socket.fileno()))
        raw.sendall(b"\x17\x03\x03\x40\x00half a record")
        raw.shutdown(socket.SHUT_RDWR)
        raw.close()
        wait_for(lambda: self.flows() == 0, "the flow is gone")
        call = self.phone("alice", 1).call_user("bob")
        self.assertEqual(call.final().status, 480)


if __name__ == "__main__":
    unittest.main()
