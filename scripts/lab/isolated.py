#!/usr/bin/env python3
"""isolated.py COMMAND ...: runs a command in a network of its own, which has nothing but loopback.

Whoever is alone on a network may take any port, and nobody else takes one that a killed peer is to
have again; so tests that start processes can run beside each other. Root makes the namespace
directly, others within a user namespace. What root's command mounts is gone when it ends, too.
`isolated.py --check` says by its exit status whether this machine allows it; where it does not, the
command runs on the network that is there.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys

OWN_NETWORK = "CARILLON_OWN_NETWORK"  # Set for the command, and for what it starts.
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def system_call(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        name, flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", name, flags | IFF_UP))


def isolate():
    """Moves this process, and so its children, into a new network. OSError if that is forbidden."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        system_call("unshare", CLONE_NEWNET | CLONE_NEWNS)
        system_call("mount", None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    else:
        system_call("unshare", CLONE_NEWUSER | CLONE_NEWNET)
        for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"),
                           ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
    loopback_up()
    os.environ[OWN_NETWORK] = "1"


def is_possible():
    """Tried in a child first: a process that fails half-way is left with no network at all."""
    child = os.fork()
    if child == 0:
        try:
            isolate()
        except OSError as error:
            print(f"isolated.py: no network of our own: {error}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    possible = is_possible()
    if sys.argv[1] == "--check":
        sys.exit(0 if possible else 1)
    if possible:
        isolate()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
