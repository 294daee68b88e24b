"""Connections with servers outside carry requests both ways (RFC 5923), if both sides are proved."""

import socket
import ssl
import tempfile

import unittest

from lab.certificates import Authority
from lab.dns import Dns
from lab.phone import ANSWER_SECONDS
from lab.sip import Message, split_stream, unique
from secure_case import SecureCase


class Connection:
    """One with a peer, of a server that the test speaks for."""

    def __init__(self, plain, buffer=b""):
        self.socket, self.buffer, self.waiting = plain, buffer, []
        self.socket.settimeout(ANSWER_SECONDS)

    def receive(self):
        while not self.waiting:
            data = self.socket.recv(65535)
            if not data:
                raise ConnectionResetError("closed")
            messages, self.buffer = split_stream(self.buffer + data)
            self.waiting += messages
        return self.waiting.pop(0)

    def send(self, message):
        self.socket.sendall(message.encode())

    def options(self, uri, via, call_id=None):
        """What a request sent on this connection is answered with."""
        self.send(Message(f"OPTIONS {uri} SIP/2.0", [
            ("Via", via), ("Max-Forwards", "70"), ("From", f"<sip:reuse.example>;tag={unique()}"),
            ("To", f"<{uri}>"), ("Call-ID", call_id or unique()), ("CSeq", "1 OPTIONS")]))
        return self.receive()


class Reuse(SecureCase):
    PEERS = 1
    TRANSPORTS = ("udp", "tcp", "tls")
    NAMES = ("DNS:reuse.example",)

    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        cls.files = cls.authority.issue("server", cls.NAMES)
        directory = tempfile.TemporaryDirectory(prefix="carillon-others-")
        cls.addClassCleanup(directory.cleanup)
        cls.unknown_files = Authority(directory.name).issue("unknown", cls.NAMES)
        cls.listener = socket.create_server(("127.0.0.1", 0))
        cls.listener.settimeout(ANSWER_SECONDS)
        cls.addClassCleanup(cls.listener.close)
        cls.port = cls.listener.getsockname()[1]
        cls.dns = Dns(["host-record=reuse.example,127.0.0.1",
                       f"srv-host=_sips._tcp.reuse.example,reuse.example,{cls.port},1,1",
                       "local=/example/"])
        cls.addClassCleanup(cls.dns.__exit__)
        return {**options, "peer_options": (
            *options["peer_options"], "--dns-server", cls.dns.address, "--sip-tls-ca",
            cls.authority.path, "--sip-foreign-domain", "reuse.example", "--sip-tls-reuse")}

    def accepted(self):
        """The peer connects to our listener; its certificate is demanded."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        context.load_verify_locations(self.authority.path)
        context.verify_mode = ssl.CERT_REQUIRED
        connection = context.wrap_socket(self.listener.accept()[0], server_side=True)
        self.addCleanup(connection.close)
        return Connection(connection)

    def connected(self, transport="tls", files=None):
        plain = socket.create_connection(self.peer(1).sip(transport))
        if transport == "tls":
            context = ssl.create_default_context(cafile=self.authority.path)
            if files:
                context.load_cert_chain(*files)
            plain = context.wrap_socket(plain, server_hostname="example.org")
        self.addCleanup(plain.close)
        return Connection(plain)

    def via(self, transport="TLS", alias=";alias"):
        return f"SIP/2.0/{transport} 127.0.0.1:{self.port};branch=z9hG4bK{unique()}{alias}"

    def call(self):
        return self.phone("alice", 1).invite("sip:x@reuse.example;transport=tls")

    def refuse(self, connection, call, status=486):
        invite = connection.receive()
        self.assertEqual(invite.method, "INVITE")
        connection.send(invite.reply(status, "-", "server"))
        self.assertEqual(connection.receive().method, "ACK")
        self.assertEqual(call.final().status, status)
        return invite

    def test_a_connection_of_ours_takes_requests_and_says_so(self):
        call = self.call()
        connection = self.accepted()
        names = {value for kind, value in connection.socket.getpeercert()["subjectAltName"]
                 if kind == "DNS"}
        self.assertIn("example.org", names)
        invite = self.refuse(connection, call)
        self.assertIn("alias", invite.get("Via").split(";"))
        self.assertEqual(connection.options("sip:example.org", self.via()).status, 200)
        # The next call takes the same.
        self.refuse(connection, self.call())
        connection.socket.close()

    def test_a_server_that_proves_its_name_is_called_on_its_own_connection(self):
        connection = self.connected(files=self.files)
        self.assertEqual(connection.options("sip:example.org", self.via()).status, 200)
        self.refuse(connection, self.call())
        connection.socket.close()

    def test_others_are_not(self):
        for what, connection, via in (
                ("no certificate", self.connected(), self.via()),
                ("of an unknown CA", self.connected(files=self.unknown_files), self.via()),
                ("another name", self.connected(files=(self.certificate, self.key)), self.via()),
                ("no alias", self.connected(files=self.files), self.via(alias="")),
                ("TCP", self.connected("tcp"), self.via("TCP"))):
            with self.subTest(what):
                self.assertEqual(connection.options("sip:example.org", via).status, 200)
                call = self.call()
                own = self.accepted()
                self.refuse(own, call)
                own.socket.close()
                connection.socket.close()


if __name__ == "__main__":
    unittest.main()
