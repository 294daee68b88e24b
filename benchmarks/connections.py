#!/usr/bin/env python3
"""What a connection costs in memory: connections.py [--count 10000] [--transports tcp ws tls wss]

One peer; phones that connect, ask OPTIONS once and then keep still. The peer's resident memory before
and after, by the number of connections. What the kernel keeps for each socket is not in it. Kamailio's
published figure is 61 kB for each TLS connection (its TLS module's documentation).
"""

import argparse
import os
import resource
import socket
import ssl
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

# pylint: disable=wrong-import-position
from lab import web_socket
from lab.certificates import Authority
from lab.overlay import Overlay
from lab.sip import unique

TRANSPORTS = ("tcp", "ws", "tls", "wss")
SETTLE_SECONDS = 3


def options(transport):
    return ("OPTIONS sip:example.org SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport.upper()} phone.invalid;branch=z9hG4bK{unique()};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag={unique()}\r\n"
            f"To: <sip:example.org>\r\nCall-ID: {unique()}\r\nCSeq: 1 OPTIONS\r\n"
            "Content-Length: 0\r\n\r\n").encode()


def connect(address, transport, context):
    """A connection on which a SIP message has gone in both directions."""
    connection = socket.create_connection(address)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if transport in ("tls", "wss"):
        connection = context.wrap_socket(connection, server_hostname="example.org")
    message = options(transport)
    if transport in ("ws", "wss"):
        web_socket.open_web_socket(connection)
        message = web_socket.frame(message)
    connection.sendall(message)
    if b"SIP/2.0 200" not in connection.recv(4096):
        raise SystemExit("no answer to OPTIONS")
    return connection


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def processor_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(transport, count, directory):
    authority = Authority(directory)
    certificate, key = authority.issue("phones")
    context = ssl.create_default_context(cafile=authority.path)
    with Overlay(transports=("udp", transport), peer_options=(
            "--sip-tls-certificate", certificate, "--sip-tls-key", key)) as overlay:
        peer = overlay.enroll().start(first=True)
        address = peer.sip(transport)
        held = [connect(address, transport, context) for _ in range(20)]  # What the first one costs.
        time.sleep(SETTLE_SECONDS)
        before, spent = resident(peer.process), processor_seconds(peer.process)
        held += [connect(address, transport, context) for _ in range(count)]
        time.sleep(SETTLE_SECONDS)
        used, spent = resident(peer.process) - before, processor_seconds(peer.process) - spent
        if peer.metrics()["carillon_sip_flows"] != len(held):
            raise SystemExit("the peer does not hold all connections")
        print(f"{transport:5} {count:6} connections: {used / count:6.2f} KiB each, "
              f"{1000 * spent / count:6.3f} ms of CPU to set one up", flush=True)
        for connection in held:
            connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--transports", nargs="+", default=TRANSPORTS, choices=TRANSPORTS)
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = arguments.count + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    for transport in arguments.transports:
        with tempfile.TemporaryDirectory(prefix="carillon-connections-") as directory:
            measure(transport, arguments.count, directory)


if __name__ == "__main__":
    main()
