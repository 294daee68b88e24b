"""SIPp's phones, by the thousand: some register anew all the time, some register and take it back,
some call, some guess at passwords. Each group has a peer it speaks to, and others should that fail."""

import itertools
import os
import signal
import uuid

from lab.processes import LabError
from lab.sipp import Sipp

PASSWORD = "cluster-password"
SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")
FOREVER_SECONDS = 7200
CONTACT_PORT = 5070
TRIES = 6  # As many peers are tried in the scenarios.


def from_nth(peers, number):
    """All of them, another first for each number."""
    first = number % len(peers)
    return [*peers[first:], *peers[:first]]


class Group:
    """Users that one SIPp process plays, at `rate` a second, over and over; each start is an epoch,
    so that versions (epoch, number) grow."""

    def __init__(self, phones, name, scenario, rows, rate, host=None):
        self.phones, self.name, self.scenario, self.rate = phones, name, scenario, rate
        self.host = host or phones.host
        self.csv = os.path.join(phones.directory, name + ".csv")
        with open(self.csv, "w", encoding="ascii") as text:
            text.write("SEQUENTIAL\n" + "".join(";".join(row) + ";\n" for row in rows))
        self.size, self.epoch = len(rows), 0
        self.known, self.running, self.processes, self.logs = [], None, [], []

    def is_served_by(self, peers):
        """Its peer is one of them, and there is another should that one fail, if there are others."""
        return (bool(self.known) and self.known[0] in peers and
                (len(peers) == 1 or any(peer in peers for peer in self.known[1:])))

    def start(self, known, calls=0, rate=None):
        """`known`: the peers that it tries, in this order."""
        self.epoch += 1
        self.known = known
        stem = os.path.join(self.phones.directory, f"{self.name}-{self.epoch}")
        self.logs.append(stem + ".log")
        open(self.logs[-1], "wb").close()
        options = ["-inf", self.csv, "-inf", self.write_peers(stem), "-r", str(rate or self.rate),
                   "-l", "5000", "-trace_logs", "-log_file", self.logs[-1],
                   "-cid_str", f"%u-{self.name}-{self.epoch}-%p@phones"]
        if self.scenario == "register.xml":
            options += ["-trace_rtt", "-rtt_freq", "1"]
        sipp = Sipp(os.path.join(SCENARIOS, self.scenario), self.phones.directory,
                    target=known[0].sip("udp"), calls=calls, seconds=FOREVER_SECONDS,
                    options=options, port=5100 + len(self.phones.started),
                    address=self.host.address, prepare=self.host.enter,
                    domain=self.phones.domain,
                    keys={"epoch": str(self.epoch), "contact_port": str(CONTACT_PORT)})
        sipp.log_path = self.logs[-1]
        self.phones.started.append(sipp)
        self.processes.append(sipp)
        self.running = sipp
        return sipp

    def write_peers(self, stem):
        """As many lines as there are tries: SIPp counts them in its scenarios."""
        os.mkdir(stem)
        path = os.path.join(stem, "peers.csv")
        tried = itertools.islice(itertools.cycle(self.known), TRIES)
        with open(path, "w", encoding="ascii") as text:
            text.write("SEQUENTIAL\n")
            for number, peer in enumerate(tried, 1):
                host, port = peer.sip("udp")
                text.write(f"{host};{port};{number};\n")
        return path

    def stop(self):
        """Nothing new; what is under way may end. Does not wait. SIPp is told once: told again, it breaks
        off what is under way."""
        if self.running and self.running.process.poll() is None:
            self.running.process.send_signal(signal.SIGUSR1)
        self.known, self.running = [], None


class Phones:
    """All groups; use it in a `with` statement."""

    def __init__(self, host, guessing_host, directory, domain, users, options):
        self.host, self.directory, self.domain = host, directory, domain
        self.started, self.answering = [], None
        os.mkdir(directory)
        gone = max(4, users // 10)
        self.stayers = [f"user{number}" for number in range(users)]
        self.leavers = [f"leaver{number}" for number in range(gone)]
        rows = {name: [name, f"[authentication username={name} password={PASSWORD}]",
                       str(uuid.uuid5(uuid.NAMESPACE_URL, name))]
                for name in self.stayers + self.leavers}
        guesses = [[name, f"[authentication username={name} password=guessed]", "none"]
                   for name in self.stayers]

        def shares(names, count):
            return [names[first::count] for first in range(count)]
        count = options.groups
        self.registering = [
            Group(self, f"register{n}", "register.xml", [rows[name] for name in share],
                  options.registers / count) for n, share in enumerate(shares(self.stayers, count))]
        self.removing = [Group(self, "remove", "remove.xml", [rows[name] for name in self.leavers],
                               options.removes)]
        # From a host of their own: after 30 wrong passwords a peer bans the address for a while.
        self.guessing = [Group(self, "guess", "guess.xml", guesses, options.guesses, guessing_host)]
        self.calling = [
            Group(self, f"call{n}", "call.xml",
                  [[*rows[name][:2], self.stayers[(number * 7 + 3) % users]]
                   for number, name in enumerate(share)],
                  options.calls / count) for n, share in enumerate(shares(self.stayers, count))]
        self.groups = [*self.registering, *self.removing, *self.guessing, *self.calling]

    def __enter__(self):
        # A call that is placed again through another peer is another one to who answers.
        self.answering = Sipp("answer.xml", self.directory, calls=0, port=CONTACT_PORT,
                              seconds=FOREVER_SECONDS, address=self.host.address,
                              prepare=self.host.enter, options=["-callid_slash_ign"])
        return self

    def __exit__(self, *_):
        for sipp in [*self.started, self.answering]:
            if sipp:
                sipp.__exit__()

    def register_all(self, peers, rate):
        """Every user once; SIPp's own judgement."""
        runs = [group.start(from_nth(peers, number), calls=group.size,
                            rate=rate / len(self.registering))
                for number, group in enumerate(self.registering)]
        for sipp in runs:
            sipp.wait()

    def assign(self, peers):
        """Groups that `peers` do not serve go to one of them."""
        if not peers:
            raise LabError("no peer is left for the phones")
        for number, group in enumerate(self.groups):
            if group.is_served_by(peers):
                continue
            group.stop()
            group.start(from_nth(peers, number))

    def spread(self, peers):
        """Everybody anew, over all peers."""
        for group in self.groups:
            group.stop()
        self.assign(peers)

    def ended(self):
        """Processes that ended by themselves, e.g. because SIPp has failed."""
        return [sipp for sipp in self.started
                if sipp.process.poll() not in (None, 0, 1, 99)]


class Reader:
    """What has been added to the files of groups since the last look: whole lines."""

    def __init__(self, paths):
        self.paths, self.offsets = paths, {}

    def lines(self):
        for path in self.paths():
            try:
                with open(path, "rb") as file:
                    file.seek(self.offsets.get(path, 0))
                    data = file.read()
            except FileNotFoundError:
                continue
            data = data[:data.rfind(b"\n") + 1]
            self.offsets[path] = self.offsets.get(path, 0) + len(data)
            for line in data.decode(errors="replace").splitlines():
                yield path, line
