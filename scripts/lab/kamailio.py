"""Kamailio with the configuration of deploy/kamailio, as the edge before a peer."""

import os
import shutil

from lab.processes import REPOSITORY, LabError, start, stop, wait_for

PROGRAM = shutil.which("kamailio") or "/usr/sbin/kamailio"
CONFIGURATION = os.path.join(REPOSITORY, "deploy", "kamailio", "kamailio.cfg")


def installed():
    return os.access(PROGRAM, os.X_OK)


class Edge:
    """One Kamailio. `peers`: (host, port) of Carillon's, the nearest first; `edges`: addresses of the
    other Kamailios; `users`: {name: password} if Kamailio shall ask for them."""

    def __init__(self, directory, address, peers, edges, users=None, domain="example.org"):
        self.host, self.port = address
        self.directory = os.path.join(directory, f"kamailio-{self.host}-{self.port}")
        os.mkdir(self.directory)
        self._write("peers.list", [f"1 sip:{host}:{port} 0 {10 - rank}"
                                   for rank, (host, port) in enumerate(peers)])
        self._write("addresses.list", [f"1 {host} 32 {port} peer" for host, port in peers] +
                    [f"2 {host} 32 0 edge" for host in edges])
        command = [PROGRAM, "-DD", "-E", "-f", CONFIGURATION, "-m", "32", "-M", "8",
                   "-Y", self.directory, "-w", self.directory, "-n", "1",
                   "-A", f"EDGE_LISTEN=udp:{self.host}:{self.port}",
                   "-A", f'EDGE_DOMAIN="{domain}"',
                   "-A", f'EDGE_PEERS="{self._path("peers.list")}"',
                   "-A", f'EDGE_ADDRESSES="{self._path("addresses.list")}"']
        if users is not None:
            self._write_users(users, domain)
            command += ["-A", "WITH_AUTH",
                        "-A", f'EDGE_DATABASE="text://{self._path("dbtext")}"']
        self.log_path = self._path("log")
        with open(self.log_path, "wb") as log:
            self.process = start(command, stdout=log, stderr=log)
        wait_for(lambda: self._listens() or self.process.poll() is not None, "Kamailio listens", 20)
        if self.process.poll() is not None:
            raise LabError("Kamailio ended: " + self.log()[-3000:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 5)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, lines):
        with open(self._path(name), "w", encoding="ascii") as text:
            text.write("\n".join(lines) + "\n")

    def _write_users(self, users, domain):
        os.mkdir(self._path("dbtext"))
        self._write("dbtext/version", ["table_name(string) table_version(int)", "subscriber:7"])
        self._write("dbtext/subscriber",
                    ["username(string) domain(string) password(string)"] +
                    [f"{name}:{domain}:{password}" for name, password in users.items()])

    def _listens(self):
        octets = [int(part) for part in self.host.split(".")]
        at = "%02X%02X%02X%02X:%04X" % (*reversed(octets), self.port)
        with open("/proc/net/udp", encoding="ascii") as table:
            return any(line.split()[1] == at for line in table.readlines()[1:])
