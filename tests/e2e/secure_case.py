"""Peers that phones reach over every transport, with a certificate of a CA of the test's own."""

import tempfile

from case import OverlayCase
from lab.certificates import Authority


class SecureCase(OverlayCase):
    TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")

    @classmethod
    def overlay_options(cls):
        directory = tempfile.TemporaryDirectory(prefix="carillon-tls-")
        cls.addClassCleanup(directory.cleanup)
        cls.authority = Authority(directory.name)
        cls.certificate, cls.key = cls.authority.issue("phones")
        return {"transports": cls.TRANSPORTS,
                "peer_options": ("--sip-tls-certificate", cls.certificate,
                                 "--sip-tls-key", cls.key, "--sip-name", "localhost")}

    def phone(self, user, peer_number, transport="udp", **options):
        if transport in ("tls", "wss"):
            options.setdefault("trusted", self.authority.path)
        return super().phone(user, peer_number, transport, **options)
