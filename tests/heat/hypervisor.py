"""Makes hosts and processes of the servers that Heat has, and ends those that Heat has no longer."""

import json
import os
import re
import subprocess
import time

from group import Member
from lab.overlay import Peer
from lab.processes import LabError, program, stop
from yard import Host

# What a first start does to the system around it.
NOT_HERE = ("apt-get", "curl", "chgrp", "systemctl")
WATCH_SECONDS = 0.5


class Server(Peer):
    """A peer that has come to be as a server does: from its user data, run as it stands, with the paths
    moved into a directory of its own."""

    def __init__(self, overlay, number, member):
        super().__init__(overlay, number)
        self.member = member
        self.root = os.path.join(overlay.directory, f"server{number}")
        self.settings = self.root + "/etc/carillon/peer.toml"
        self.control = self.root + "/run/carillon/control"
        self.machine, self.stopped = None, False
        self.ended_at = self.gone_at = None

    def place(self, yard, address):
        """A host with the address that Heat gave it."""
        self.host = address
        self.machine = Host(yard, len(yard.hosts) + 1, address)
        yard.hosts.append(self.machine)
        self.prepare = self.machine.enter

    def boot(self, given):
        """`given`: by Nova, as a part of the user data."""
        for path in ("etc", "run/carillon", "var/lib/carillon", "var/lib/heat-cfntools", "tmp", "bin"):
            os.makedirs(f"{self.root}/{path}")
        for name in NOT_HERE:
            with open(f"{self.root}/bin/{name}", "w", encoding="ascii") as stub:
                stub.write("#!/bin/sh\nexit 0\n")
            os.chmod(stub.name, 0o755)
        with open(f"{self.root}/var/lib/heat-cfntools/cfn-init-data", "w", encoding="utf-8") as data:
            json.dump({"os-collect-config": given}, data)
        script = re.sub(r"(?<![\w/.:])/(etc|run|var/lib|tmp)/", self.root + r"/\1/",
                        self.member.user_data())
        subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True,
                       env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"})
        self.start()

    def alive(self):
        """It serves, or leaves. One that has left stays until Heat has deleted it."""
        return super().alive() and "Heat knows: the peer has left" not in self.log()

    def end(self):
        if super().alive():
            self.kill()

    def command(self, first, options, bootstrap=True):
        return [program(), "peer", "--config", self.settings]


class Hypervisor:
    """`look` does what there is to do; use it in a `with` statement. In the one thread that there is: a
    process that is started while other threads run may hang."""

    def __init__(self, overlay, group):
        self.overlay, self.group = overlay, group
        self.servers = {}  # By the id of their stack.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.end()

    def running(self):
        return [server for server in self.servers.values() if server.alive()]

    def look(self):
        """LabError if a server was deleted while its peer served."""
        members = self.group.members()
        self._power_on(members)
        for identifier, server in self.servers.items():
            if server.ended_at is None and not server.alive():
                server.ended_at = time.monotonic()
            if identifier not in members and server.gone_at is None and server.member.is_gone():
                server.gone_at = time.monotonic()
                self._power_off(server)

    def _power_on(self, members):
        for identifier, stack in members.items():
            member = Member(self.group.session, stack)
            address = None if identifier in self.servers else member.address()
            given = member.credentials() if address else None
            if given:
                server = Server(self.overlay, 100 + len(self.servers), member)
                self.servers[identifier] = server
                server.place(self.overlay.yard, address)
                server.boot(given)
                self.overlay.peers.append(server)

    @staticmethod
    def _power_off(server):
        served = server.alive()
        server.end()
        stop(server.machine.holder, 1)
        if served:
            raise LabError(f"server {server.number} was deleted while it served{server.log_tail()}")
