"""A new server with nothing but an address and a one-time token becomes a peer (RFC 6940, 11.2, 11.3)."""

import http.client
import os
import re
import ssl
import subprocess
import time
import unittest

from lab.enrollment import EnrollmentServer
from lab.overlay import Overlay, Peer, run
from lab.phone import Phone
from lab.processes import start, stop, wait_for

CERTIFICATE = "application/pkix-cert"


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True,
                          timeout=30).stdout


class Enrollment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay()
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.first = cls.overlay.start(1)[0]
        cls.overlay.add_user("alice", "wonder-1")
        cls.server = EnrollmentServer(cls.overlay, cls.first).start()
        cls.addClassCleanup(cls.server.stop)

    def newcomer(self, token, server=None, listed=True):
        """A peer that has nothing yet but where to ask, and its token."""
        self.overlay.enrolled += 1
        peer = Peer(self.overlay, self.overlay.enrolled)
        peer.join_options = ["--join", (server or self.server).url, "--token", token]
        if listed:
            self.overlay.peers.append(peer)
            self.addCleanup(self.overlay.peers.remove, peer)
            self.addCleanup(lambda: peer.process and peer.process.stdout.close())
            self.addCleanup(lambda: peer.alive() and peer.terminate())
        return peer

    def joined(self, token, **options):
        """It is told no bootstrap address: enrollment tells."""
        return self.newcomer(token, **options).start(options=(), bootstrap=False)

    def refused(self, token, server=None):
        """Why a newcomer with this token does not come up."""
        peer = self.newcomer(token, server, listed=False)
        done = subprocess.run(peer.command(False, peer.join_options, bootstrap=False), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(peer.directory, "node.crt")))
        return done.stderr.strip().splitlines()[-1]

    def request(self, key_path=None, subject="/"):
        """A new key's request, DER."""
        path = key_path or os.path.join(self.overlay.directory, f"key{os.urandom(4).hex()}")
        if not os.path.exists(path):
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
        return openssl("req", "-new", "-key", path, "-subj", subject, "-outform", "DER")

    def form(self, token, csr, **more):
        fields = {"username": "token-" + self.id_of(token), "password": token, **more}
        return self.server.form(fields, csr)

    @staticmethod
    def id_of(token):
        import base64
        text = token.removeprefix("carillon-token-")
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[1:17].hex()

    # Newcomers.

    def test_a_newcomer_joins_serves_and_comes_back(self):
        peer = self.joined(self.server.token())
        self.overlay.settle()
        self.assertEqual(peer.status()["successors"], [self.first.node_id])
        with Phone("alice", peer.sip("udp"), "example.org", "wonder-1") as phone:
            self.assertEqual(phone.register().status, 200)
            found = self.first.lookup("alice@example.org")
            self.assertEqual([one["served_by"] for one in found["bindings"]], [peer.node_id])
        node_id = peer.node_id
        # It needs neither server nor token again, though both still stand on its command line.
        self.assertEqual(peer.terminate(), 0)
        peer.start(bootstrap=False)
        self.assertEqual(peer.node_id, node_id)
        for name in ("node.key", "registrar-ca.key", "operator.key"):
            mode = os.stat(os.path.join(peer.directory, name)).st_mode & 0o777
            self.assertEqual(mode, 0o600, name)

    def test_newcomers_even_out_the_ring(self):
        # A server that has not enrolled others lately, who did not join, or have left.
        server = EnrollmentServer(self.overlay, self.first).start()
        self.addCleanup(server.stop)
        peers = [self.joined(server.token(), server=server) for _ in range(3)]
        self.overlay.settle()
        shares = [peer.status()["range_fraction"] for peer in [self.first, *peers]]
        self.assertAlmostEqual(sum(shares), 1, places=3)
        self.assertLess(max(shares), 1.7 / 4)

    def test_nobody_needs_the_server_once_he_is_enrolled(self):
        server = EnrollmentServer(self.overlay, self.first).start()
        peer = self.joined(server.token(), server=server)
        server.stop()
        self.assertEqual(peer.terminate(), 0)
        peer.start(bootstrap=False)

    def end_of(self, peer):
        """When the certificate in the peer's directory ends, in Unix time."""
        text = openssl("x509", "-enddate", "-noout", "-in",
                       os.path.join(peer.directory, "node.crt")).decode().strip()
        return ssl.cert_time_to_seconds(text.removeprefix("notAfter="))

    def test_certificates_are_renewed_while_the_peer_serves(self):
        server = EnrollmentServer(self.overlay, self.first)
        server.options = ["--certificate-lifetime", "30"]
        server.start()
        self.addCleanup(server.stop)
        peer = self.joined(server.token(), server=server)
        process, end = peer.process.pid, self.end_of(peer)
        key = openssl("x509", "-pubkey", "-noout", "-in", os.path.join(peer.directory, "node.crt"))
        self.assertLessEqual(peer.status()["certificate"]["ends_in_s"], 30)
        wait_for(lambda: self.end_of(peer) > end, "a new certificate", 40)
        wait_for(lambda: time.time() > end + 1, "the old one has ended", 40)

        # The same peer, the same Node-ID and key; it never left.
        self.assertEqual((peer.process.pid, peer.alive()), (process, True))
        self.assertEqual(peer.status()["state"], "joined")
        self.assertEqual(key, openssl("x509", "-pubkey", "-noout", "-in",
                                      os.path.join(peer.directory, "node.crt")))
        self.assertIn("the certificates were renewed", peer.log())
        self.assertNotIn("lost the link", peer.log())
        ends = peer.metrics()["carillon_certificate_ends_seconds"]
        self.assertGreater(ends, end)

        # What it signs now, and whom it lets in, is good: its old certificate would not be.
        self.overlay.add_user("carol", "wonder-1")
        with Phone("carol", peer.sip("udp"), "example.org", "wonder-1") as phone:
            self.assertEqual(phone.register().status, 200)
            found = self.first.lookup("carol@example.org")
            self.assertEqual([one["served_by"] for one in found["bindings"]], [peer.node_id])
        newcomer = self.joined(self.server.token())
        self.overlay.settle()
        connected = [one["node_id"] for one in newcomer.status()["links"]["connected"]]
        self.assertIn(peer.node_id, connected)

    def test_nobody_renews_with_anothers_certificate(self):
        peer = self.joined(self.server.token())
        with open(os.path.join(peer.directory, "node.crt"), encoding="ascii") as file:
            certificate = file.read()
        # Whoever has seen the certificate, but has not its key.
        body, kind = self.server.form({"certificate": certificate, "proof": "AAAA"}, self.request())
        body = body.replace(b'name="csr"', b'name="registrar-csr"')
        answer = self.server.post("/enroll/renewal", (body, kind))
        self.assertEqual((answer.status, answer.body), (403, b"failed_authentication"))
        self.assertIn("proof", answer.reason)
        self.assertEqual(self.server.get("/enroll/renewal").status, 405)

    def test_a_certificate_that_nobody_renews_is_told_of(self):
        server = EnrollmentServer(self.overlay, self.first)
        server.options = ["--certificate-lifetime", "20"]
        server.start()
        peer = self.joined(server.token(), server=server)
        server.stop()
        wait_for(lambda: "is not renewed" in peer.log(), "it says so", 40)
        self.assertRegex(peer.log(), r"error the certificate ends in \d+ s and is not renewed: ")

    def test_a_token_file(self):
        peer = self.newcomer(None)
        path = os.path.join(self.overlay.directory, "token-file")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.server.token() + "\n")
        peer.join_options = ["--join", self.server.url, "--token-file", path]
        peer.start(bootstrap=False)

    def test_a_server_that_comes_late_is_waited_for(self):
        server = EnrollmentServer(self.overlay, self.first)
        token = server.token()
        peer = self.newcomer(token, server=server)
        process = start(peer.command(False, peer.join_options, bootstrap=False),
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(stop, process)
        self.assertIn("trying again", process.stderr.readline())
        server.start()
        self.addCleanup(server.stop)
        self.assertTrue(process.stdout.readline().startswith("ready "))
        self.assertEqual(stop(process), 0)

    # Tokens.

    def test_a_token_is_good_once(self):
        token = self.server.token()
        self.joined(token)
        self.assertIn("403: token: has been used already", self.refused(token))

    def test_a_groups_token_is_good_for_each_member(self):
        group = self.server.token("--group")
        peers = [self.joined(group) for _ in range(2)]
        self.assertNotEqual(peers[0].node_id, peers[1].node_id)
        # What a member has made of it is good once.
        with open(os.path.join(peers[0].directory, "enrollment-token"), encoding="ascii") as file:
            self.assertIn("has been used already", self.refused(file.read()))
        self.assertIn("none of ours", self.refused(group[:40]))

    def test_a_used_token_is_remembered_by_the_overlay_not_by_the_server(self):
        token = self.server.token()
        peer = self.joined(token)
        other = EnrollmentServer(self.overlay, peer).start()
        self.addCleanup(other.stop)
        self.assertIn("has been used already", self.refused(token, other))

    def test_an_answer_that_was_lost_can_be_asked_for_again(self):
        token = self.server.token()
        csr = self.request(os.path.join(self.overlay.directory, "kept-key"))
        first = self.server.post("/enroll", self.form(token, csr))
        again = self.server.post("/enroll", self.form(token, csr))
        self.assertEqual([first.status, again.status], [200, 200])
        self.assertEqual(self.uri_of(first.body), self.uri_of(again.body))
        stranger = self.server.post("/enroll", self.form(token, self.request()))
        self.assertEqual((stranger.status, stranger.body), (403, b"failed_authentication"))

    def test_expired_forged_and_malformed_tokens(self):
        expiring = self.server.token("--lifetime", "1")
        good = self.server.token()
        self.assertIn("cannot enroll", self.refused(good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA"
                                                               else "BBBBBB")))
        wait_for(lambda: "has expired" in
                 self.server.post("/enroll", self.form(expiring, self.request())).reason,
                 "the token expires", 10)
        self.assertIn("has expired", self.refused(expiring))
        self.assertIn("none of ours", self.refused("carillon-token-nonsense"))
        self.assertIn("a token is needed", self.refused(""))

    def test_a_token_of_another_overlay(self):
        with Overlay(domain="other.example") as other:
            token = run("token", "add", "--overlay", other.home).strip()
            self.assertIn("certificate", self.refused(token))

    # The protocol, as any client of RFC 6940 speaks it.

    def uri_of(self, der):
        text = openssl("x509", "-inform", "DER", "-noout", "-ext", "subjectAltName", stdin=der)
        return re.search(r"URI:(reload://\S+@overlay\.example\.org/)", text.decode()).group(1)

    def test_the_configuration_document(self):
        answer = self.server.get("/.well-known/reload-config")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.content_type, "application/p2p-overlay+xml")
        with open(os.path.join(self.overlay.home, "overlay.xml"), "rb") as file:
            self.assertEqual(answer.body, file.read())

    def test_a_certificate_as_the_rfc_has_it(self):
        answer = self.server.post("/enroll", self.form(self.server.token(), self.request()))
        self.assertEqual((answer.status, answer.content_type), (200, CERTIFICATE))
        text = openssl("x509", "-inform", "DER", "-noout", "-text", stdin=answer.body).decode()
        self.assertRegex(text, r"Subject: *\n")
        self.assertRegex(text, r"email:node-[0-9a-f]{32}@overlay\.example\.org")
        path = os.path.join(self.overlay.directory, "enrolled.pem")
        openssl("x509", "-inform", "DER", "-out", path, stdin=answer.body)
        openssl("verify", "-CAfile", os.path.join(self.overlay.home, "root.crt"), path)

    def test_requests_in_pem_are_taken_too(self):
        csr = openssl("req", "-inform", "DER", stdin=self.request())
        answer = self.server.post("/enroll", self.form(self.server.token(), csr))
        self.assertEqual(answer.status, 200)

    def test_the_tokens_of_the_rfc_for_what_is_refused(self):
        csr = self.request()
        for body, fields, token in (
                (b"nonsense", {}, b"bad_CSR"),
                (csr[:-1] + bytes([csr[-1] ^ 1]), {}, b"bad_CSR"),
                (self.request(subject="/CN=mallory"), {}, b"username_not_available"),
                (csr, {"nodeids": "3"}, b"Node-IDs_not_available"),
                (csr, {"username": "alice"}, b"failed_authentication"),
                (csr, {"password": "carillon-token-x"}, b"failed_authentication")):
            answer = self.server.post("/enroll", self.form(self.server.token(), body, **fields))
            self.assertEqual((answer.status, answer.content_type, answer.body),
                             (403, "text/plain", token))
            self.assertTrue(answer.reason)

    def test_what_is_no_such_request(self):
        form = self.form(self.server.token(), self.request())
        self.assertEqual(self.server.get("/enroll").status, 405)
        self.assertEqual(self.server.post("/.well-known/reload-config", form).status, 405)
        self.assertEqual(self.server.get("/elsewhere").status, 404)
        self.assertEqual(self.server.post("/enroll", form, accept="text/html").status, 406)
        self.assertEqual(self.server.post("/enroll", (form[0][:-4], form[1])).status, 400)
        self.assertEqual(self.server.post("/enroll", (form[0], "text/plain")).status, 400)
        self.assertEqual(self.server.post("/enroll/registrar", form).body, b"bad_CSR")
        self.assertEqual(self.server.post("/enroll", (b"x" * 100_000, form[1])).status, 413)
        # None of this has used the token up.
        self.assertEqual(self.server.post("/enroll", form).status, 200)

    def test_strangers_on_the_port(self):
        host, port = self.server.address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        self.addCleanup(connection.close)
        with self.assertRaises((http.client.HTTPException, OSError)):
            connection.request("GET", "/.well-known/reload-config")
            connection.getresponse()
        context = ssl.create_default_context()
        with self.assertRaises(ssl.SSLCertVerificationError):
            http.client.HTTPSConnection(host, int(port), context=context).request("GET", "/health")
        self.assertEqual(self.server.get("/health").status, 200)

    def test_without_its_peer_it_says_so(self):
        server = EnrollmentServer(self.overlay, self.first)
        server.control = os.path.join(self.overlay.directory, "nobody")
        server.start()
        self.addCleanup(server.stop)
        answer = server.post("/enroll", self.form(server.token(), self.request()))
        self.assertEqual(answer.status, 503)
        self.assertIn("no peer answers", answer.reason)

    def test_no_token_is_logged(self):
        token = self.server.token()
        self.server.post("/enroll", self.form(token, self.request()))
        self.server.post("/enroll", self.form(token, self.request()))
        self.assertNotIn(token, self.server.log())
        self.assertIn("has been used", self.server.log())


if __name__ == "__main__":
    unittest.main()
