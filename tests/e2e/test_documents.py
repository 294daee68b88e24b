"""Configuration documents and certificates, read by xmllint and openssl."""

import os
import re
import subprocess
import unittest

from lab.overlay import Overlay, run
from lab.processes import REPOSITORY

SCHEMA_SOURCE = os.path.join(REPOSITORY, "src", "config", "relax_ng_schema.cpp")


def schema():
    """The grammar of 11.1.1 in XML syntax, as the program has it compiled in."""
    with open(SCHEMA_SOURCE, encoding="utf-8") as text:
        return re.search(r'R"xml\((.*)\)xml"', text.read(), re.DOTALL).group(1)


def output(*command):
    """Of a program that must succeed, both streams."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Documents(unittest.TestCase):
    KEY_TYPE = "ecdsa"

    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay(create_options=["--key-type", cls.KEY_TYPE, "--bootstrap",
                                              "192.0.2.1:6084"])
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.schema = os.path.join(cls.overlay.directory, "overlay.rng")
        with open(cls.schema, "w", encoding="utf-8") as text:
            text.write(schema())
        cls.peers = [cls.overlay.enroll(), cls.overlay.enroll()]

    def home(self, name):
        return os.path.join(self.overlay.home, name)

    def test_the_document_is_valid(self):
        document = self.home("overlay.xml")
        self.assertIn("validates", output("xmllint", "--noout", "--relaxng", self.schema, document))
        content = output("xmllint", "--format", document)
        for expected in ("overlay.example.org", "CHORD-RELOAD", "192.0.2.1", "root-cert",
                         "configuration-signer", "required-kinds"):
            self.assertIn(expected, content)

    def test_the_schema_refuses_what_is_wrong(self):
        path = os.path.join(self.overlay.directory, "wrong.xml")
        with open(self.home("overlay.xml"), encoding="utf-8") as text:
            content = text.read()
        with open(path, "w", encoding="utf-8") as text:
            text.write(content.replace("topology-plugin", "topology-plug-in"))
        done = subprocess.run(["xmllint", "--noout", "--relaxng", self.schema, path],
                              capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_chains_up_to_the_root(self):
        root = self.home("root.crt")
        for peer in self.peers:
            for name in ("node.crt", "registrar-ca.crt"):
                with self.subTest(name=name):
                    path = os.path.join(peer.directory, name)
                    self.assertIn("OK", output("openssl", "verify", "-x509_strict", "-CAfile",
                                               root, path))

    def test_a_stranger_does_not_chain(self):
        with Overlay() as other:
            stranger = other.enroll()
            done = subprocess.run(
                ["openssl", "verify", "-CAfile", self.home("root.crt"),
                 os.path.join(stranger.directory, "node.crt")], capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0)

    def test_what_a_node_certificate_says(self):
        text = output("openssl", "x509", "-noout", "-text", "-in",
                      os.path.join(self.peers[0].directory, "node.crt"))
        self.assertRegex(text, r"URI:reload://[0-9a-f]{36}@overlay\.example\.org")
        self.assertIn("X509v3 Subject Alternative Name: critical", text)
        self.assertNotIn("CA:TRUE", text)
        self.assertNotIn("Certificate Sign", text)

    def test_what_an_issuing_certificate_says(self):
        text = output("openssl", "x509", "-noout", "-text", "-in",
                      os.path.join(self.peers[0].directory, "registrar-ca.crt"))
        self.assertIn("CA:TRUE, pathlen:0", text)
        self.assertIn("Name Constraints: critical", text)
        self.assertIn("email:example.org", text)

    def test_keys_are_of_the_wanted_type_and_private(self):
        for path in (self.home("root.key"), self.home("config-signer.key"),
                     self.home("operator.key"),
                     os.path.join(self.peers[0].directory, "node.key"),
                     os.path.join(self.peers[0].directory, "registrar-ca.key"),
                     os.path.join(self.peers[0].directory, "operator.key")):
            self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)
        kind = {"ecdsa": "ASN1 OID: prime256v1", "rsa": "2048 bit"}[self.KEY_TYPE]
        for path in (self.home("root.key"), os.path.join(self.peers[0].directory, "node.key")):
            self.assertIn(kind, output("openssl", "pkey", "-noout", "-text", "-in", path))

    def test_keys_fit_certificates(self):
        for stem in ("node", "registrar-ca"):
            path = os.path.join(self.peers[1].directory, stem)
            self.assertEqual(
                output("openssl", "pkey", "-pubout", "-in", path + ".key"),
                output("openssl", "x509", "-noout", "-pubkey", "-in", path + ".crt"))

    def test_two_peers_have_two_ids(self):
        texts = [output("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                        os.path.join(peer.directory, "node.crt")) for peer in self.peers]
        self.assertNotEqual(*texts)


class DocumentsWithRsa(Documents):
    KEY_TYPE = "rsa"


class Refusals(unittest.TestCase):
    def test_an_overlay_is_not_overwritten(self):
        with Overlay() as overlay:
            before = os.stat(os.path.join(overlay.home, "root.key")).st_mtime_ns
            with self.assertRaises(Exception):
                run("overlay", "create", "--name", "overlay.example.org", "--dir", overlay.home,
                    "--domain", "example.org")
            self.assertEqual(os.stat(os.path.join(overlay.home, "root.key")).st_mtime_ns, before)


if __name__ == "__main__":
    unittest.main()
