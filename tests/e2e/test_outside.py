"""Calls to other domains, whose servers are found by their names (RFC 3263)."""

import socket
import ssl
import threading
import unittest

from lab.dns import Dns
from lab.phone import ANSWER_SECONDS
from lab.processes import free_port
from lab.sip import Message, split_stream
from secure_case import SecureCase

DOMAINS = ("naptr.example", "srv.example", "address.example", "secure.example", "false.example",
           "nowhere.example", "fails.example")


class Server:
    """A SIP server of somebody else: answers INVITE with one status, over UDP, TCP or TLS."""

    def __init__(self, status, transport="udp", context=None):
        self.status, self.transport, self.requests = status, transport, []
        self.connections = 0
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        if transport != "udp":
            self.socket.listen()
        self.context = context
        threading.Thread(target=self._run, daemon=True).start()

    def _answer(self, request):
        if request.method != "ACK":
            self.requests.append(request)
        return request.reply(self.status, "-", "server").encode() if request.method == "INVITE" \
            else None

    def _run(self):
        try:
            while True:
                if self.transport == "udp":
                    data, source = self.socket.recvfrom(65535)
                    answer = self._answer(Message.parse(data))
                    if answer:
                        self.socket.sendto(answer, source)
                else:
                    self._serve(self.socket.accept()[0])
        except OSError:
            return

    def _serve(self, connection):
        self.connections += 1
        if self.context:
            try:
                connection = self.context.wrap_socket(connection, server_side=True)
            except OSError:
                return
        buffer = b""
        with connection:
            while data := connection.recv(65535):
                messages, buffer = split_stream(buffer + data)
                for answer in filter(None, map(self._answer, messages)):
                    connection.sendall(answer)

    def close(self):
        self.socket.close()


class Outside(SecureCase):
    PEERS = 1

    @classmethod
    def overlay_options(cls):
        options = super().overlay_options()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*cls.authority.issue("server", ["DNS:secure.example"]))
        cls.busy, cls.overloaded = Server(486), Server(503)
        cls.tcp, cls.tls = Server(603, "tcp"), Server(600, "tls", context)
        for server in (cls.busy, cls.overloaded, cls.tcp, cls.tls):
            cls.addClassCleanup(server.close)
        dead = free_port()
        cls.dns = Dns([
            "host-record=host.example,127.0.0.1",
            # NAPTR prefers TCP.
            "naptr-record=naptr.example,20,1,s,SIP+D2U,,_sip._udp.naptr.example",
            "naptr-record=naptr.example,10,1,s,SIP+D2T,,_sip._tcp.naptr.example",
            f"srv-host=_sip._tcp.naptr.example,host.example,{cls.tcp.port},1,1",
            f"srv-host=_sip._udp.naptr.example,host.example,{cls.busy.port},1,1",
            # SRV alone: nobody listens at the first, the second is overloaded, the third answers.
            f"srv-host=_sip._udp.srv.example,host.example,{dead},1,1",
            f"srv-host=_sip._udp.srv.example,host.example,{cls.overloaded.port},2,1",
            f"srv-host=_sip._udp.srv.example,host.example,{cls.busy.port},3,1",
            "host-record=address.example,127.0.0.1",
            f"srv-host=_sips._tcp.secure.example,host.example,{cls.tls.port},1,1",
            f"srv-host=_sips._tcp.false.example,host.example,{cls.tls.port},1,1",
            f"srv-host=_sip._udp.fails.example,host.example,{cls.overloaded.port},1,1",
            "local=/example/", "local=/nowhere.example/"])
        cls.addClassCleanup(cls.dns.__exit__)
        foreign = [part for domain in DOMAINS for part in ("--sip-foreign-domain", domain)]
        return {**options, "peer_options": (
            *options["peer_options"], "--dns-server", cls.dns.address, "--sip-tls-ca",
            cls.authority.path, *foreign)}

    def status(self, uri, transport="udp"):
        phone = self.phone("alice", 1, transport)
        try:
            return phone.invite(uri).final(seconds=ANSWER_SECONDS).status
        finally:
            phone.close()

    def test_naptr_chooses_the_transport(self):
        self.assertEqual(self.status("sip:x@naptr.example"), 603)

    def test_a_transport_that_is_asked_for_is_taken(self):
        self.assertEqual(self.status("sip:x@naptr.example;transport=udp"), 486)

    def test_the_next_server_is_tried_when_one_fails(self):
        before = len(self.overloaded.requests)
        self.assertEqual(self.status("sip:x@srv.example"), 486)
        self.assertEqual(len(self.overloaded.requests), before + 1)

    def test_a_port_means_addresses_only(self):
        self.assertEqual(self.status(f"sip:x@address.example:{self.busy.port}"), 486)

    def test_a_certificate_must_name_the_domain(self):
        self.assertEqual(self.status("sip:x@secure.example;transport=tls"), 600)
        self.assertEqual(self.status("sips:x@secure.example", "tls"), 600)
        before = len(self.tls.requests)
        self.assertGreaterEqual(self.status("sip:x@false.example;transport=tls"), 500)
        self.assertEqual(len(self.tls.requests), before)

    def test_nobody_is_found_or_nobody_can(self):
        self.assertGreaterEqual(self.status("sip:x@nowhere.example"), 500)
        self.assertGreaterEqual(self.status("sip:x@fails.example"), 500)

    def test_others_domains_are_not_relayed_to(self):
        self.assertEqual(self.status("sip:x@elsewhere.example"), 403)


if __name__ == "__main__":
    unittest.main()
