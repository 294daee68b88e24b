"""What comes over the peers. Each leaves as many peers running as it found, unless its name says so."""

import os
import shutil
import signal
import time

from lab.processes import LabError

SLOW_LINES = 32  # Connections that ask when each answer takes its time.
SLOW_SECONDS = 0.5  # A lookup that took longer counts as not yet right.


def neighbors(cluster, count=2):
    """Peers that stand next to each other on the ring."""
    ring = cluster.overlay.ring()
    return ring[:count]


def downfall(cluster, victims, how):
    """`how(victim)` ends each; how long lookups from the others were wrong or slow."""
    others = [peer for peer in cluster.overlay.able() if peer not in victims]
    with cluster.probe(others) as probe:
        time.sleep(cluster.options.calm)
        moment = time.monotonic()
        for victim in victims:
            how(victim)
        cluster.phones.assign(others)
        time.sleep(cluster.options.watch)
    return {"lookups_right_again_s": round(probe.right_again_after(moment, SLOW_SECONDS), 2),
            "lookup_p99_before_ms": probe.milliseconds(0, moment),
            "lookup_p99_after_ms": probe.milliseconds(moment)}


def kill_one(cluster):
    victim = neighbors(cluster, 1)[0]
    said = downfall(cluster, [victim], lambda peer: peer.kill())
    said.update({"while_down": cluster.judge()})
    victim.start()
    return said


def kill_two_neighbors(cluster):
    victims = neighbors(cluster)

    def kill_all(victim):
        if victim is victims[0]:
            for one in victims:
                one.process.send_signal(signal.SIGKILL)
        victim.process.wait()
    said = downfall(cluster, victims, kill_all)
    said.update({"while_down": cluster.judge()})
    for victim in victims:
        victim.start()
    return said


def power_off(cluster):
    victim = neighbors(cluster, 1)[0]

    def unplug(peer):
        peer.machine.pull_the_plug()
        peer.kill()
    said = downfall(cluster, [victim], unplug)
    said.update({"while_down": cluster.judge()})
    victim.machine.plug_in()
    victim.start()
    return said


def stop_for_a_while(cluster):
    victim = neighbors(cluster, 1)[0]

    def freeze(peer):
        peer.stopped = True
        peer.process.send_signal(signal.SIGSTOP)
    said = downfall(cluster, [victim], freeze)
    time.sleep(max(0.0, cluster.options.stop - cluster.options.watch))
    victim.process.send_signal(signal.SIGCONT)
    victim.stopped = False
    return said


def partition(cluster):
    ring = cluster.overlay.ring()
    one, other = ring[::2], ring[1::2]
    cluster.yard.cut([peer.machine for peer in one], [peer.machine for peer in other])
    # The phones reach both sides, which go on; what was promised on either must hold afterwards.
    time.sleep(cluster.options.partition)
    cluster.yard.heal()
    return {"sides": [len(one), len(other)]}


def slow_network(cluster):
    slow = cluster.overlay.ring()[:2]
    for peer in slow:
        peer.machine.delay(50, 1)
    time.sleep(cluster.options.delay)
    found = cluster.judge(connections=SLOW_LINES)
    for peer in slow:
        peer.machine.undelay()
    return {"while_slow": found}


def full_disk(cluster):
    victim = neighbors(cluster, 1)[0]
    leave(cluster, [victim])
    cluster.small_disk(victim, cluster.options.disk_megabytes)
    victim.start()
    cluster.phones.spread(cluster.overlay.able())
    cluster.overlay.settle(60)
    filler = cluster.fill_disk(victim)
    time.sleep(cluster.options.full_disk)
    os.remove(filler)


def clock_back(cluster):
    victim = neighbors(cluster, 1)[0]
    leave(cluster, [victim])
    cluster.set_clock(victim, cluster.options.clock)
    victim.start()
    cluster.phones.spread(cluster.overlay.able())
    time.sleep(cluster.options.delay)
    found = cluster.judge()
    leave(cluster, [victim])
    cluster.set_clock(victim, None)
    victim.start()
    return {"while_wrong": found}


def old_disk(cluster):
    """A peer goes, and comes back with what it had on its disk long before."""
    victim = neighbors(cluster, 1)[0]
    victim.kill()
    cluster.phones.assign(cluster.overlay.able())
    old = victim.data + ".old"
    shutil.copytree(victim.data, old)
    victim.start()
    cluster.overlay.settle(60)
    time.sleep(cluster.options.delay)
    victim.kill()
    cluster.phones.assign(cluster.overlay.able())
    cluster.put_back(victim, old)
    time.sleep(cluster.options.delay)
    victim.start()


def leave(cluster, leavers):
    """In order. {seconds of each}; LabError if one does not end with 0."""
    for peer in leavers:
        peer.process.send_signal(signal.SIGTERM)
    began, took, status = time.monotonic(), {}, {}
    while len(took) < len(leavers):
        for peer in leavers:
            if peer not in took and peer.process.poll() is not None:
                took[peer], status[peer] = time.monotonic() - began, peer.process.returncode
                cluster.phones.assign([one for one in cluster.overlay.able()
                                       if one not in leavers])
        if time.monotonic() - began > 60:
            raise LabError("a peer does not leave: " + next(
                peer.log_tail() for peer in leavers if peer not in took))
        time.sleep(0.02)
    if any(status.values()):
        raise LabError("a peer left with " + str(list(status.values())) + next(
            peer.log_tail() for peer in leavers if status[peer]))
    return {"left_within_s": round(max(took.values()), 1)}


def one_leaves(cluster):
    victim = neighbors(cluster, 1)[0]
    said = leave(cluster, [victim])
    said.update({"while_gone": cluster.judge()})
    victim.start()
    return said


def half_leaves(cluster):
    """Neighbors among them, all at the same moment."""
    victims = neighbors(cluster, len(cluster.overlay.able()) // 2)
    said = leave(cluster, victims)
    said.update({"while_gone": cluster.judge()})
    for victim in victims:
        victim.start()
    return said


def rolling_restart(cluster):
    worst = 0.0
    for peer in list(cluster.overlay.able()):
        worst = max(worst, leave(cluster, [peer])["left_within_s"])
        peer.start()
        cluster.overlay.settle(60)
    return {"left_within_s": worst}


def scale_out(cluster):
    """From three to all."""
    cluster.start_peers(cluster.options.peers - len(cluster.overlay.able()))
    cluster.phones.spread(cluster.overlay.able())


def scale_in(cluster):
    """From all to three, one after the other."""
    worst = 0.0
    while len(cluster.overlay.able()) > 3:
        worst = max(worst, leave(cluster, [cluster.overlay.able()[0]])["left_within_s"])
    return {"left_within_s": worst}


ALL = {
    "scale out, 3 to all": scale_out,
    "kill -9 of one": kill_one,
    "kill -9 of two neighbors": kill_two_neighbors,
    "silent power-off": power_off,
    "stopped for a while": stop_for_a_while,
    "partition and heal": partition,
    "slow and lossy wires": slow_network,
    "full disk": full_disk,
    "clock turned back": clock_back,
    "back with an old disk": old_disk,
    "one leaves": one_leaves,
    "half leave at once": half_leaves,
    "rolling restart": rolling_restart,
    "scale in, all to 3": scale_in,
}
