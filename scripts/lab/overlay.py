"""An overlay of real peers on loopback, in a directory of its own."""

import hashlib
import http.client
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from lab.processes import LabError, program, start, stop, wait_for

READY_SECONDS = 30
COMMAND_SECONDS = 30


class Peer:
    """One `carillon peer` process and where to reach it."""

    def __init__(self, overlay, number):
        self.overlay = overlay
        self.number = number
        self.directory = os.path.join(overlay.directory, f"peer{number}")
        self.data = os.path.join(overlay.directory, f"data{number}")
        self.control = os.path.join(overlay.directory, f"control{number}")
        self.keylog = os.path.join(overlay.directory, f"keylog{number}")
        self.log_path = os.path.join(overlay.directory, f"peer{number}.log")
        self.process = None
        self.ready = None
        self.join_options = []  # For one that enrolls itself.
        self.host = "127.0.0.1"
        self.prepare = None     # Called in its process before it starts: for another network.
        self.environment = {}
        self.patience = READY_SECONDS

    def command(self, first, options, bootstrap=True):
        any_port = f"{self.host}:0"
        listen = self.ready["reload"] if self.ready else any_port
        command = [program(), "peer", "--dir", self.directory, "--data", self.data,
                   "--listen", listen, "--control", self.control,
                   "--sip-peer", self.ready["sip_peer"] if self.ready else any_port,
                   "--http", self.ready["http"] if self.ready else any_port]
        for address in (self.ready["sip"] if self.ready else
                        [f"{transport}:{any_port}" for transport in self.overlay.transports]):
            command += ["--sip", address]
        for other in self.overlay.peers:
            if bootstrap and other is not self and other.alive():
                command += ["--bootstrap", other.ready["reload"]]
        if first:
            command.append("--first")
        if self.overlay.keep_keys:
            command += ["--keylog", self.keylog]
        return [*command, *self.overlay.peer_options, *options]

    def start(self, first=False, options=(), bootstrap=True):
        """Returns once the peer has joined and serves. Restarted, it takes its old ports again."""
        if self.process is not None:
            self.process.stdout.close()
        log = open(self.log_path, "ab")
        self.process = start(self.command(first, [*self.join_options, *options], bootstrap),
                             stdout=subprocess.PIPE, stderr=log, prepare=self.prepare,
                             env={**os.environ, **self.environment})
        log.close()
        lines = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(self.process.stdout, lines), daemon=True).start()
        deadline = time.monotonic() + self.patience
        while True:
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                line = None
            if line and line.startswith("ready "):
                self.ready = json.loads(line[len("ready "):])
                return self
            if self.process.poll() is not None:
                raise LabError(f"peer {self.number} ended with {self.process.returncode}: "
                               f"{self.log_tail()}")
            if time.monotonic() > deadline:
                raise LabError(f"peer {self.number} was not ready within {self.patience} s: "
                               f"{self.log_tail()}")

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.put(line.decode(errors="replace").strip())

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self, seconds=30):
        """SIGTERM: leave in order. Returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LabError(f"peer {self.number} did not leave within {seconds} s: "
                           f"{self.log_tail()}") from None

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def log_tail(self, lines=12):
        return "\n  ".join([""] + self.log().splitlines()[-lines:])

    def sip(self, transport="udp"):
        """(host, port) of a SIP listener."""
        for address in self.ready["sip"]:
            kind, host, port = re.fullmatch(r"(\w+):(.*):(\d+)", address).groups()
            if kind == transport:
                return host.strip("[]"), int(port)
        raise LabError(f"peer {self.number} has no {transport} listener")

    @property
    def node_id(self):
        return self.ready["node_id"]

    @property
    def reload_port(self):
        return int(self.ready["reload"].rsplit(":", 1)[1])

    def carillon(self, *arguments, stdin=None):
        """A command that speaks to this peer; its output. LabError if it fails."""
        done = self.try_carillon(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise LabError(f"carillon {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def try_carillon(self, *arguments, stdin=None):
        return subprocess.run([program(), *arguments, "--control", self.control], input=stdin,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)

    def status(self):
        return json.loads(self.carillon("status", "--json"))

    def get(self, path, method="GET"):
        """(status, text) from the peer's HTTP server."""
        connection = http.client.HTTPConnection(self.ready["http"], timeout=COMMAND_SECONDS)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self):
        """{'name{label="value"}': number} as /metrics has it."""
        _, text = self.get("/metrics")
        samples = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def lookup(self, aor):
        return json.loads(self.carillon("lookup", aor, "--json"))


class Overlay:
    """Root, configuration and peers in a temporary directory; use it in a `with` statement."""

    def __init__(self, domain="example.org", keep_keys=False, directory=None, create_options=(),
                 transports=("udp", "tcp"), peer_options=()):
        self.domain = domain
        self.keep_keys = keep_keys
        self.create_options = create_options
        self.transports = transports
        self.peer_options = peer_options
        self._given_directory = directory
        self.directory = None
        self.peers = []
        self.enrolled = 0

    def __enter__(self):
        self.directory = self._given_directory or tempfile.mkdtemp(prefix="carillon-")
        try:
            run("overlay", "create", "--name", "overlay." + self.domain, "--dir", self.home,
                "--domain", self.domain, *self.create_options)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            if peer.process is not None:
                if peer.alive():
                    peer.kill()
                peer.process.wait()
                peer.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def home(self):
        return os.path.join(self.directory, "overlay")

    def enroll(self, listed=True):
        """A further peer, not yet started; not `listed`, it is none of ours to start or wait for."""
        self.enrolled += 1
        peer = Peer(self, self.enrolled)
        run("overlay", "enroll", "--overlay", self.home, "--out", peer.directory)
        if listed:
            self.peers.append(peer)
        return peer

    def start(self, count=3, options=()):
        """`count` further peers, each started when the one before has joined."""
        started = []
        for _ in range(count):
            first = not any(peer.alive() for peer in self.peers)
            started.append(self.enroll().start(first=first, options=options))
        self.settle()
        return started

    def living(self):
        return [peer for peer in self.peers if peer.alive()]

    def settle(self, seconds=30):
        """Waits until every living peer knows all others, as far as its neighbor table reaches."""
        living = self.living()
        wanted = {peer.node_id for peer in living}

        def known():
            for peer in living:
                status = peer.status()
                seen = {*status["successors"], *status["predecessors"], peer.node_id}
                if not seen <= wanted or len(seen) < min(len(wanted), 4):
                    return False
            return True
        wait_for(known, "the peers know each other", seconds)

    def add_user(self, user, password, at=None):
        peer = at or self.living()[0]
        peer.carillon("user", "add", f"{user}@{self.domain}", "--password-stdin",
                      stdin=password + "\n")

    def responsible(self, aor, peers=None):
        """Which peer answers for a name: the first at or after its hash, clockwise (10.2)."""
        place = hashlib.sha1(aor.encode()).hexdigest()[:32]
        ring = sorted(peers or self.living(), key=lambda peer: peer.node_id)
        return next((peer for peer in ring if peer.node_id >= place), ring[0])

    def user_at(self, peer, stem="bob"):
        """A user name whose AOR `peer` is responsible for: `stem`, or `stem` and a number."""
        for number in range(1, 100_000):
            name = stem if number == 1 else f"{stem}{number}"
            if self.responsible(f"{name}@{self.domain}") is peer:
                return name
        raise LabError("no name found for this part of the ring")


def run(*arguments):
    """A carillon command that needs no peer; its output."""
    done = subprocess.run([program(), *arguments], capture_output=True, text=True,
                          timeout=COMMAND_SECONDS, check=False)
    if done.returncode != 0:
        raise LabError(f"carillon {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


__all__ = ["LabError", "Overlay", "Peer", "run", "stop"]
