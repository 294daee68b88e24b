"""Numbers that no user here has go to the next hops that the operator names."""

import os
import signal
import ssl
import tempfile
import unittest

from case import PASSWORDS, OverlayCase
from lab.dns import Dns
from lab.phone import Phone
from lab.processes import wait_for
from lab.sip import digest_response, parameters, unique, uri_of
from secure_case import SecureCase
from test_outside import Server

NUMBER = "+4930123456"


class Trunk(OverlayCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        cls.broken, cls.gateway = Server(503), Server(486, "tcp")
        for server in (cls.broken, cls.gateway):
            cls.addClassCleanup(server.close)
        cls.dns = Dns(["host-record=gw.example,127.0.0.1",
                       f"srv-host=_sip._tcp.gateway.example,gw.example,{cls.gateway.port},1,1",
                       "local=/example/"])
        cls.addClassCleanup(cls.dns.__exit__)
        return {"peer_options": (
            "--dns-server", cls.dns.address,
            "--sip-trunk", f"sip:127.0.0.1:{cls.broken.port}",
            "--sip-trunk", "sip:gateway.example;transport=tcp", "--sip-trunk-for", "+49")}

    def status(self, uri, **who):
        phone = self.phone("alice", 1, **who)
        return phone.invite(uri).final().status

    def test_a_number_reaches_the_second_gateway_when_the_first_fails(self):
        broken, reached = len(self.broken.requests), len(self.gateway.requests)
        self.assertEqual(self.status(f"sip:{NUMBER}@example.org"), 486)
        self.assertEqual(self.status("tel:+49-30-123456"), 486)  # The first has a rest.
        self.assertEqual(len(self.broken.requests), broken + 1)
        self.assertEqual(len(self.gateway.requests), reached + 2)
        for request in self.gateway.requests[reached:]:
            self.assertEqual(request.start.split()[1],
                             f"sip:{NUMBER}@gateway.example;transport=tcp;user=phone")
            self.assertEqual(request.get("Proxy-Authorization"), None)

    def test_other_numbers_do_not(self):
        before = len(self.gateway.requests)
        self.assertEqual(self.status("sip:+331234@example.org"), 404)
        self.assertEqual(self.status("sip:030123@example.org"), 404)
        self.assertEqual(len(self.gateway.requests), before)

    def test_nobody_else_gets_there(self):
        before = len(self.gateway.requests) + len(self.broken.requests)
        self.assertEqual(self.status(f"sip:{NUMBER}@example.org", password=None), 407)
        stranger = self.phone("alice", 1)
        stranger.domain = "elsewhere.example"
        self.assertEqual(stranger.invite(f"sip:{NUMBER}@example.org").final().status, 404)
        liar = self.phone("alice", 1)
        liar.user = "bob"
        call = liar.invite(f"sip:{NUMBER}@example.org")
        self.assertIn(call.final().status, (403, 407))
        stranger.send(stranger.request("OPTIONS", f"sip:{NUMBER}@example.org"))
        self.assertEqual(stranger.final("OPTIONS").status, 404)
        self.assertEqual(len(self.gateway.requests) + len(self.broken.requests), before)


class Gateway(Server):
    """A carrier's, which wants a user name and a password for everything, and takes every call."""

    def __init__(self, transport="udp", context=None):
        super().__init__(200, transport, context)
        self.user, self.password = "line7", "open sesame"
        self.proved = []

    def _proves(self, request):
        answer = parameters(request.get("Proxy-Authorization") or "")
        return answer.get("username") == self.user and answer["nc"] == "00000001" and \
            answer["uri"] == request.start.split()[1] and answer["algorithm"] == "SHA-256" and \
            answer["response"] == digest_response(answer, self.password, request.method)

    def _answer(self, request):
        if request.method == "ACK":
            return None
        self.requests.append(request)
        if not self._proves(request):
            asked = [("Proxy-Authenticate", f'Digest realm="carrier.example", nonce="{unique()}", '
                      f'algorithm={name}, qop="auth"') for name in ("MD5", "SHA-256")]
            return request.reply(407, "-", "gateway", asked).encode()
        self.proved.append(request.method)
        contact = [("Contact", request.get("Contact") if request.method == "REGISTER" else
                    f"<sip:gateway@127.0.0.1:{self.port};transport={self.transport}>")]
        return request.reply(200, "OK", "gateway", [*contact, ("Expires", "300")]).encode()

    def registered(self):
        """The REGISTERs that it has accepted."""
        return [request for request in self.requests
                if request.method == "REGISTER" and self._proves(request)]


def passwords_file(case, *uris):
    with tempfile.NamedTemporaryFile("w", suffix=".passwords", delete=False) as passwords:
        case.addClassCleanup(os.unlink, passwords.name)
        passwords.write("# The gateways'.\n")
        passwords.writelines(f"{uri} line7 open sesame\n" for uri in uris)
    return passwords.name


class TrunkWithPassword(OverlayCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.uri = f"sip:127.0.0.1:{cls.gateway.port}"
        cls.passwords = passwords_file(cls, cls.uri)
        return {"peer_options": ("--sip-trunk", cls.uri + " trusted",
                                 "--sip-trunk-passwords", cls.passwords)}

    def test_the_peer_answers_for_the_phone(self):
        answered = 'carillon_trunk_challenges_total{result="answered"}'
        before, proved = self.peer(1).metrics()[answered], len(self.gateway.proved)
        call = self.phone("alice", 1).invite(f"sip:{NUMBER}@example.org")
        self.assertEqual(call.final().status, 200)
        call.ack()
        self.assertEqual(call.bye().status, 200)
        self.assertEqual(self.gateway.proved[proved:], ["INVITE", "BYE"])
        self.assertEqual(self.peer(1).metrics()[answered], before + 2)
        for request in self.gateway.requests:
            self.assertNotIn('realm="example.org"', str(request))
        self.assertEqual(self.gateway.requests[0].all("P-Asserted-Identity"),
                         ["<sip:alice@example.org>"])

    def test_a_wrong_password_is_told_to_the_operator_and_not_to_the_phone(self):
        self.gateway.password, right = "another", self.gateway.password
        try:
            self.assertEqual(self.phone("alice", 1).invite(f"sip:{NUMBER}@example.org")
                             .final().status, 502)
        finally:
            self.gateway.password = right
        log = self.peer(1).log()
        self.assertIn("does not take our user name and password", log)
        for secret in ("sesame", PASSWORDS["alice"]):
            self.assertNotIn(secret, log)

    def test_a_password_that_changes_is_read_again_at_hangup(self):
        peer, right = self.peer(1), self.gateway.password

        def reload(text, said):
            before = peer.log().count(said)
            with open(self.passwords, "w", encoding="utf-8") as passwords:
                passwords.write(text)
            peer.process.send_signal(signal.SIGHUP)
            wait_for(lambda: peer.log().count(said) > before, said)

        def status():
            call = self.phone("alice", 1).invite(f"sip:{NUMBER}@example.org")
            if (reached := call.final().status) == 200:
                call.ack()
            return reached

        line = f"{self.uri} line7 "
        try:
            self.gateway.password = "anew"
            self.assertEqual(status(), 502)
            reload(line + "anew\n", "for trunks have been read again")
            self.assertEqual(status(), 200)
            reload(line + "\n", "for trunks stay the old ones")
            self.assertEqual(status(), 200)
        finally:
            self.gateway.password = right
            reload(line + right, "for trunks have been read again")


class TrunkWithRegistration(OverlayCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)
        uri = f"sip:127.0.0.1:{cls.gateway.port}"
        return {"peer_options": ("--sip-trunk", f"{uri} register=bob@carrier.example",
                                 "--sip-trunk-passwords", passwords_file(cls, uri))}

    def test_registered_called_and_taken_back(self):
        wait_for(lambda: self.gateway.registered(), "the registration")
        first = self.gateway.registered()[0]
        self.assertEqual(first.start, "REGISTER sip:carrier.example SIP/2.0")
        contact = uri_of(first.get("Contact"))
        peer = self.peer(1)
        wait_for(lambda: peer.status()["trunks"][0]["registered_s"] > 290, "the status")
        self.assertIn("sip:bob@carrier.example, registered for", peer.carillon("status"))
        self.assertEqual(peer.metrics()['carillon_trunk_registrations{state="registered"}'], 1)
        # A call of the carrier's, from a stranger to the contact.
        called = self.phone("bob", 1)
        self.assertEqual(called.register().status, 200)
        carrier = Phone("stranger", peer.sip("udp"), "carrier.example")
        self.addCleanup(carrier.close)
        call = carrier.invite(contact)
        invite = called.expect("INVITE")
        called.reply(invite, 200, "OK")
        self.assertEqual(call.final().status, 200)
        call.ack()
        called.expect("ACK")
        self.assertEqual(peer.terminate(), 0)
        last = self.gateway.registered()[-1]
        self.assertEqual((last.get("Expires"), uri_of(last.get("Contact"))), ("0", contact))


class TrunkOverConnections(SecureCase):
    """One that is spoken to over TCP, and one over TLS; both want us to register."""
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*cls.authority.issue("gateway", ["IP:127.0.0.1"]))
        cls.gateways = {"tcp": Gateway("tcp"), "tls": Gateway("tls", context)}
        uris = []
        for transport, gateway in cls.gateways.items():
            cls.addClassCleanup(gateway.close)
            uris.append(f"sip:127.0.0.1:{gateway.port};transport={transport}")
        trunks = [part for uri in uris for part in ("--sip-trunk", f"{uri} register=bob")]
        return {**options, "peer_options": (
            *options["peer_options"], "--sip-tls-ca", cls.authority.path, *trunks,
            "--sip-trunk-passwords", passwords_file(cls, *uris))}

    def test_registered_and_called_on_one_connection(self):
        peer = self.peer(1)
        wait_for(lambda: peer.metrics()['carillon_trunk_registrations{state="registered"}'] == 2,
                 "both registrations")
        for transport, gateway in self.gateways.items():
            contact = uri_of(gateway.registered()[0].get("Contact"))
            host, port = peer.sip(transport)
            self.assertEqual(contact, f"sip:bob@{host}:{port};transport={transport}")
        call = self.phone("alice", 1).invite(f"sip:{NUMBER}@example.org")
        self.assertEqual(call.final().status, 200)
        call.ack()
        self.assertEqual(call.bye().status, 200)
        self.assertEqual(self.gateways["tcp"].proved, ["REGISTER", "INVITE", "BYE"])
        self.assertEqual(peer.terminate(), 0)
        for gateway in self.gateways.values():
            self.assertEqual(gateway.registered()[-1].get("Expires"), "0")
            self.assertEqual(gateway.connections, 1)


if __name__ == "__main__":
    unittest.main()
