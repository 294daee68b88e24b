#!/usr/bin/env python3
"""Three peers on loopback: to be tried with phones, or with --check to do the main job by itself."""

import argparse
import os
import secrets
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab.overlay import Overlay  # noqa: E402
from lab.processes import LabError, free_port, wait_for  # noqa: E402
from lab.sipp import Sipp  # noqa: E402

USERS = ("alice", "bob", "carol")


def start_overlay(overlay):
    overlay.start(3)
    passwords = {user: secrets.token_hex(4) for user in USERS}
    for user, password in passwords.items():
        overlay.add_user(user, password)
    return passwords


def show(overlay, passwords):
    print(f"\nA SIP registrar without a centre: three peers, domain {overlay.domain}.\n"
          "Give each phone any peer and any user:\n")
    for peer in overlay.peers:
        host, port = peer.sip("udp")
        tcp_port = peer.sip("tcp")[1]
        print(f"  peer {peer.number}   server {host}   port {port} (UDP) or {tcp_port} (TCP)   "
              f"process {peer.process.pid}")
    print()
    for user, password in passwords.items():
        print(f"  user {user:<6} password {password}   called as sip:{user}@{overlay.domain}")
    host, port = overlay.peers[0].sip("udp")
    print(f"\nIf the phone wants one line: sip:alice@{overlay.domain}, outbound proxy "
          f"sip:{host}:{port}, authentication user alice.\n"
          f"What a peer knows: build/release/src/app/carillon status --control "
          f"{overlay.peers[0].control}\n"
          "Kill one (kill -9 PROCESS) and call again. Ctrl-C ends it all.", flush=True)


def watch(overlay):
    """Until Ctrl-C; says when a peer goes."""
    gone = set()
    while True:
        time.sleep(0.2)
        for peer in overlay.peers:
            if not peer.alive() and peer.number not in gone:
                gone.add(peer.number)
                print(f"peer {peer.number} has gone; the others go on", flush=True)


class Steps:
    """Numbers the steps and says how long each took."""

    def __init__(self):
        self.began = self.last = time.monotonic()
        self.count = 0

    def done(self, text):
        now = time.monotonic()
        self.count += 1
        print(f"{self.count:2}. {text}   [{now - self.last:.1f} s]", flush=True)
        self.last = now

    def seconds(self):
        return time.monotonic() - self.began


def call(overlay, through, called, phone_port, caller, password):
    """A SIPp phone calls another; returns when the call was answered and hung up."""
    with Sipp("answer.xml", overlay.directory, user=called, port=phone_port) as answering, \
            Sipp("call.xml", overlay.directory, target=through.sip("udp"), user=caller,
                 password=password, domain=overlay.domain, keys={"called": called}) as calling:
        calling.wait()
        answering.wait()


def check(overlay):
    """Register at peer 2, call through peer 3, kill the responsible peer, call again."""
    steps = Steps()
    overlay.start(3)
    steps.done("three peers have joined one overlay: " +
               ", ".join(f"peer {peer.number} = {peer.node_id[:8]}" for peer in overlay.peers))
    first, second, third = overlay.peers
    # So that each peer has one part to play, the user is one whose registration peer 1 keeps.
    called, caller = overlay.user_at(first, "bob"), overlay.user_at(third, "alice")
    aor = f"{called}@{overlay.domain}"
    passwords = {called: secrets.token_hex(8), caller: secrets.token_hex(8)}
    for user, password in passwords.items():
        overlay.add_user(user, password, at=first)
    steps.done(f"users {called} and {caller} added at peer 1")

    port = free_port()
    with Sipp("register.xml", overlay.directory, target=second.sip("udp"), user=called,
              password=passwords[called], domain=overlay.domain,
              keys={"contact_port": str(port)}) as phone:
        phone.wait()
    steps.done(f"{called}'s phone registered at peer 2 with digest authentication")

    call(overlay, third, called, port, caller, passwords[caller])
    steps.done(f"{caller} called {called} through peer 3: answered, acknowledged, hung up")

    responsible = third.lookup(aor)["responsible"]
    if responsible != first.node_id:
        raise LabError(f"{aor} should be at peer 1 ({first.node_id}), not at {responsible}")
    steps.done(f"peer 1 is responsible for {aor}, says peer 3")

    first.kill()
    wait_for(lambda: not first.alive(), "peer 1 is dead")
    steps.done("peer 1 killed with SIGKILL")

    call(overlay, third, called, port, caller, passwords[caller])
    steps.done(f"{caller} called {called} again through peer 3, which remains: answered")
    responsible = third.lookup(aor)["responsible"]
    heir = next(peer for peer in (second, third) if peer.node_id == responsible)
    steps.done(f"peer {heir.number} answers for {aor} now")
    print(f"ok: the second call was answered; {steps.seconds():.1f} s in all")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="do the main job unattended")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        with Overlay(keep_keys=False) as overlay:
            if options.check:
                check(overlay)
            else:
                show(overlay, start_overlay(overlay))
                watch(overlay)
    except KeyboardInterrupt:
        print("\nended")
    except LabError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
