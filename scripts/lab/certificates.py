"""Certificates for TLS to phones, made with openssl."""

import os
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """A CA in a directory: `path` is its certificate."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, "phones-ca.pem")
        self._key = os.path.join(directory, "phones-ca.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", self._key, "-out", self.path, "-days", "2", "-subj", "/CN=phones",
                 "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, stem, names=("DNS:example.org", "DNS:localhost", "IP:127.0.0.1", "IP:::1")):
        """(certificate, key): paths of PEM files, which appear whole or not at all."""
        paths = [os.path.join(self.directory, stem + suffix) for suffix in (".pem", ".key")]
        certificate, key = (path + ".new" for path in paths)
        extensions = os.path.join(self.directory, stem + ".ext")
        with open(extensions, "w", encoding="ascii") as text:
            text.write("subjectAltName=" + ",".join(names) + "\nextendedKeyUsage=serverAuth,clientAuth\n")
        request = os.path.join(self.directory, stem + ".csr")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", key, "-out", request, "-subj", "/CN=example.org")
        _openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self._key,
                 "-days", "2", "-extfile", extensions, "-out", certificate)
        os.replace(key, paths[1])
        os.replace(certificate, paths[0])
        return paths[0], paths[1]
