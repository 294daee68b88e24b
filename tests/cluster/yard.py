"""A yard of hosts: each a network namespace with one interface, all on one bridge.

What happens to the wires is done from outside, as to real ones: a cable is pulled, a switch drops
what goes from some to others, a line is slow. Run under scripts/lab/isolated.py: then bridge and
hosts vanish with us."""

import ctypes
import os
import subprocess
import sys

from lab.isolated import CLONE_NEWNET, loopback_up, system_call
from lab.processes import LabError, start, stop

PREFIX = "10.77"
YARD_ADDRESS = f"{PREFIX}.255.254"
MASK = 16


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")


class Host:
    """One namespace. `enter` is for `prepare` of lab.processes.start."""

    def __init__(self, yard, number, address):
        self.yard, self.number, self.address = yard, number, address
        self.wire = f"wire{number}"
        self.delayed_by = None

        def own_network():
            system_call("unshare", CLONE_NEWNET)
            loopback_up()
        self.holder = start(["sleep", "infinity"], prepare=own_network)
        run("ip", "link", "add", self.wire, "type", "veth", "peer", "name", "eth0", "netns",
            str(self.holder.pid))
        run("ip", "link", "set", self.wire, "master", "yard", "up")
        for command in (["address", "add", f"{address}/{MASK}", "dev", "eth0"],
                        ["link", "set", "eth0", "up"]):
            subprocess.run(["ip", *command], preexec_fn=self.enter, check=True)

    def enter(self):
        network = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(network, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(network)

    def pull_the_plug(self):
        """Nothing comes out any more, not even the kernel's goodbyes for a process that dies."""
        run("ip", "link", "set", self.wire, "down")

    def plug_in(self):
        run("ip", "link", "set", self.wire, "up")

    def delay(self, milliseconds, loss_percent=0.0):
        """From now on what goes out or comes in takes so long, and some of it is lost."""
        self.undelay()
        if self.yard.has_netem():
            run("tc", "qdisc", "add", "dev", self.wire, "root", "netem", "delay",
                f"{milliseconds}ms", "loss", f"{loss_percent}%")
            subprocess.run(["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay",
                            f"{milliseconds}ms", "loss", f"{loss_percent}%"],
                           preexec_fn=self.enter, check=True)
            self.delayed_by = "netem"
            return
        # A kernel without netem: the wire goes through a process that waits and throws away.
        self.delayed_by = start([sys.executable, "-B",
                                 os.path.join(os.path.dirname(__file__), "slow_wire.py"),
                                 f"a{self.number}", f"b{self.number}", str(milliseconds),
                                 str(loss_percent)], stdout=subprocess.PIPE)
        self.delayed_by.stdout.readline()  # Both of its ends are there.
        run("ip", "link", "add", f"stub{self.number}", "type", "bridge")
        for link, bridge in ((self.wire, f"stub{self.number}"),
                             (f"a{self.number}", f"stub{self.number}"), (f"b{self.number}", "yard")):
            run("ip", "link", "set", link, "master", bridge, "up")
        run("ip", "link", "set", f"stub{self.number}", "up")

    def undelay(self):
        if self.delayed_by == "netem":
            run("tc", "qdisc", "del", "dev", self.wire, "root")
            subprocess.run(["tc", "qdisc", "del", "dev", "eth0", "root"], preexec_fn=self.enter,
                           check=True)
        elif self.delayed_by:
            run("ip", "link", "set", self.wire, "master", "yard")
            run("ip", "link", "del", f"stub{self.number}")
            stop(self.delayed_by, 1)
            self.delayed_by.stdout.close()
        self.delayed_by = None


class Yard:
    """The bridge and its hosts; use it in a `with` statement."""

    def __init__(self):
        self.hosts = []
        self._netem = None

    def __enter__(self):
        run("ip", "link", "add", "yard", "type", "bridge")
        run("ip", "address", "add", f"{YARD_ADDRESS}/{MASK}", "dev", "yard")
        run("ip", "link", "set", "yard", "up")
        # The bridge drops what goes between the sides of a cut.
        run("nft", "-f", "-", text="""
table bridge cuts {
  set forbidden { type ipv4_addr . ipv4_addr; }
  chain between { type filter hook forward priority 0; ip saddr . ip daddr @forbidden drop; }
}
""")
        return self

    def __exit__(self, *_):
        for host in self.hosts:
            host.undelay()
            stop(host.holder, 1)
        run("nft", "delete", "table", "bridge", "cuts")
        run("ip", "link", "del", "yard")

    def add(self, net=0):
        number = len(self.hosts) + 1
        host = Host(self, number, f"{PREFIX}.{net}.{number}")
        self.hosts.append(host)
        return host

    def cut(self, some, others, both_ways=True):
        """Nothing goes from some hosts to the others, nor back; connections stay open."""
        pairs = [(one.address, other.address) for one in some for other in others]
        if both_ways:
            pairs += [(other, one) for one, other in pairs]
        elements = ", ".join(f"{one} . {other}" for one, other in pairs)
        run("nft", "add", "element", "bridge", "cuts", "forbidden", f"{{ {elements} }}")

    def heal(self):
        run("nft", "flush", "set", "bridge", "cuts", "forbidden")

    def has_netem(self):
        if self._netem is None:
            tried = subprocess.run(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay",
                                    "0ms"], capture_output=True, check=False)
            self._netem = tried.returncode == 0
            if self._netem:
                run("tc", "qdisc", "del", "dev", "lo", "root")
        return self._netem
