"""slow_wire.py ONE OTHER MILLISECONDS LOSS_PERCENT: two network interfaces; what comes into one goes
out of the other, later, or never. For kernels without netem."""

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LARGEST_FRAME = 65536
QUEUE_FRAMES = 5000


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def main():
    names, delay, loss = sys.argv[1:3], float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100
    taps = [open_tap(name) for name in names]
    other = {taps[0]: taps[1], taps[1]: taps[0]}
    print("ready", flush=True)
    waiting = collections.deque()  # (when, to, frame); each waits as long, so the order stays.
    chance = random.Random(1)
    while True:
        patience = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select(taps, [], [], patience)
        now = time.monotonic()
        for tap in ready:
            try:
                while True:
                    frame = os.read(tap, LARGEST_FRAME)
                    if chance.random() >= loss and len(waiting) < QUEUE_FRAMES:
                        waiting.append((now + delay, other[tap], frame))
            except BlockingIOError:
                pass
        while waiting and waiting[0][0] <= now:
            _, tap, frame = waiting.popleft()
            try:
                os.write(tap, frame)
            except OSError:
                pass  # The interface is down: lost, as on a real wire.


if __name__ == "__main__":
    main()
