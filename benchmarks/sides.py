"""The two sides of the comparison, and the load that both get."""

import concurrent.futures
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "scripts"), HERE]

from kamailio import Kamailio  # noqa: E402
from lab.control import Control  # noqa: E402
from lab.overlay import Overlay  # noqa: E402
from lab.processes import LabError, cpu_seconds  # noqa: E402
from lab.sipp import Sipp  # noqa: E402

PASSWORD = "bench-password"
CONNECTIONS = 12
# All phones have one address here, and few names: no limits for that.
os.environ.setdefault("CARILLON_SOURCE_RATE", "0")
os.environ.setdefault("CARILLON_USER_RATE", "0")


class CarillonSide:
    """Phones register at the second of the peers and call through the third, if there are three.
    If `open_to_all`, nobody is asked for a password."""

    def __init__(self, peers, names, open_to_all=False):
        self.overlay = Overlay()
        self.options = ["--trust", "127.0.0.1"] if open_to_all else []
        self.count = peers
        self.names = names

    def __enter__(self):
        self.overlay.__enter__()
        try:
            self.overlay.start(self.count, self.options)
            add_users(self.overlay, self.names)
        except BaseException:
            self.overlay.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.overlay.__exit__()

    @property
    def registrar(self):
        return self.overlay.peers[min(1, self.count - 1)].sip("udp")

    @property
    def proxy(self):
        return self.overlay.peers[min(2, self.count - 1)].sip("udp")

    def cpu_seconds(self):
        return cpu_seconds([peer.process.pid for peer in self.overlay.peers])

    def lookups(self, count, _directory):
        """Through a peer's control socket, over a few connections at once."""
        def look_up(numbers):
            with Control(self.overlay.peers[-1].control) as control:
                for number in numbers:
                    aor = f"{self.names[number % len(self.names)]}@{self.overlay.domain}"
                    if not control.ask("lookup", name=aor)["bindings"]:
                        raise LabError(f"{aor} was not found")
        in_parallel(look_up, range(count))


class KamailioSide(Kamailio):
    """One node that keeps all in memory, or several that copy everything to everyone by DMQ."""

    def __init__(self, nodes, names, open_to_all=False):
        super().__init__(nodes, PASSWORD, open_to_all)
        self.names = names

    @property
    def registrar(self):
        return self.address(0)

    @property
    def proxy(self):
        return self.address(0)

    def lookups(self, count, directory):
        users = write_csv(directory, "lookups.csv", [[name] for name in self.names])
        load("options.xml", directory, self.registrar, count, users)


def in_parallel(work, items):
    """`work` on shares of the items, over a few connections at once."""
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(work, [items[first::CONNECTIONS] for first in range(CONNECTIONS)]))


def add_users(overlay, names):
    def add(some):
        with Control(overlay.peers[0].control) as control:
            for name in some:
                control.ask("user_add", aor=f"{name}@{overlay.domain}", password=PASSWORD)
    in_parallel(add, names)


def credentials(name):
    """As SIPp wants it in a field: it answers the challenge there."""
    return f"[authentication username={name} password={PASSWORD}]"


def write_csv(directory, name, rows):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="ascii") as text:
        text.write("SEQUENTIAL\n" + "".join(";".join(row) + ";\n" for row in rows))
    return path


def load(scenario, directory, target, count, users, keys=(), rate=500, at_once=200, options=()):
    """`count` runs of a scenario at a bounded rate; fails unless every one succeeds."""
    with Sipp(os.path.join(HERE, "sipp", scenario), directory, target=target, calls=count,
              seconds=60 + count // 50, keys=keys,
              options=["-inf", users, "-r", str(rate), "-l", str(at_once), *options]) as sipp:
        sipp.wait()
