"""What happens to a group. Each chapter leaves as many members as its name says."""

import signal
import time

from lab.processes import LabError

HELD_SECONDS = 15
OUT, IN = "scale_out", "scale_in"


def must(condition, what):
    if not condition:
        raise LabError("not so: " + what)


def gone_after(stage, server, moment):
    """Seconds until Heat had it no more; the hypervisor looks now and then."""
    stage.wait_until(lambda: server.gone_at and server.ended_at, "it is seen to be gone")
    return round(server.gone_at - moment, 1)


def out_to_five(stage):
    took = [stage.scale(OUT, count) for count in range(len(stage.group.members()) + 1, 6)]
    stage.phones.spread(stage.ready())
    return {"each_took_s": took}


def in_to_two(stage):
    took, held = [], []
    for count in range(len(stage.group.members()) - 1, 1, -1):
        before = stage.hypervisor.running()
        took.append(stage.scale(IN, count))
        gone = next(server for server in before if not server.alive())
        must("Heat knows: the peer has left" in gone.log(), "it has told Heat" + gone.log_tail())
        held.append(gone_after(stage, gone, gone.ended_at))
    return {"each_took_s": took, "gone_after_its_end_s": held}


def silent(stage):
    """It says nothing for a while: Heat waits, and a signal meanwhile changes nothing."""
    count, victim = len(stage.group.members()), stage.oldest()
    victim.process.send_signal(signal.SIGSTOP)
    victim.stopped = True
    stage.phones.assign(stage.ready())
    began = time.monotonic()
    stage.group.signal_until_heard(IN)
    must(stage.leaver() is victim, "the oldest is told to leave")
    stage.group.signal(IN)
    while time.monotonic() < began + HELD_SECONDS:
        must(stage.group.state()[:2] == ("UPDATE", "IN_PROGRESS"), "Heat waits")
        must(victim.member.identifier in stage.group.members(), "the server stays")
        time.sleep(0.5)
    victim.process.send_signal(signal.SIGCONT)
    victim.stopped = False
    answered = time.monotonic()
    stage.wait_for_members(count - 1)
    return {"held_s": HELD_SECONDS, "gone_after_it_woke_s": gone_after(stage, victim, answered)}


def cut_off(stage):
    """Its leave cannot hand anything to anybody. It says so, and answers 0 all the same."""
    count, victim = len(stage.group.members()), stage.oldest()
    others = [peer for peer in stage.overlay.able() if peer is not victim]
    # It is to acknowledge nothing that nobody else ever hears of.
    stage.phones.assign([peer for peer in stage.ready() if peer is not victim])
    stage.yard.cut([victim.machine], [peer.machine for peer in others])
    victim.stopped = True
    stage.group.signal_until_heard(IN)
    stage.wait_for_members(count - 1)
    stage.yard.heal()
    must("Heat knows" in victim.log(), "it has told Heat" + victim.log_tail())
    return {"said": [line for line in victim.log().splitlines() if "Heat knows" in line]}


def revoked(stage):
    """Whom it is to answer does not know it any more when it has left. Then Nova says that it is gone."""
    count, victim = len(stage.group.members()), stage.oldest()
    stage.phones.assign([peer for peer in stage.ready() if peer is not victim])
    # It must not answer before.
    victim.process.send_signal(signal.SIGSTOP)
    stage.group.signal_until_heard(IN)
    must(stage.leaver() is victim, "the oldest is told to leave")
    user, server_id = victim.member.told_to_leave()["deploy_user_id"], victim.member.server_id()
    stage.cloud.admin.identity("PATCH", f"/users/{user}", {"user": {"enabled": False}})
    victim.process.send_signal(signal.SIGCONT)
    stage.wait_until(lambda: not victim.alive(), "it has ended")
    must(victim.process.returncode == 0, "it has left with 0" + victim.log_tail())
    must("Heat has revoked our credentials" in victim.log(), "it says why" + victim.log_tail())
    stage.nova.gone.add(server_id)
    stage.wait_for_members(count - 1)


def silent_for_good(stage):
    """It does not answer: Heat gives up when the stack's time is over, and keeps the server."""
    victim = stage.oldest()
    stage.group.limit(1)
    victim.process.send_signal(signal.SIGSTOP)
    victim.stopped = True
    stage.phones.assign(stage.ready())
    began = time.monotonic()
    stage.group.signal_until_heard(IN)
    stage.wait_until(lambda: stage.group.state()[1] != "IN_PROGRESS", "Heat gives up")
    took = time.monotonic() - began
    must(victim.member.identifier in stage.group.members(), "the server stays")
    said = stage.group.state()
    victim.process.send_signal(signal.SIGCONT)
    victim.stopped = False
    # Heat does not hear of that any more. It will ask once more when the stack is deleted.
    stage.wait_until(lambda: not victim.alive(), "it leaves when it hears of it")
    return {"gave_up_after_s": round(took, 1), "state": said}


def update(stage):
    """An update of the stack leaves the group as large as it has become."""
    before = stage.group.members().keys()
    stage.group.limit(9)
    stage.wait_until(lambda: stage.group.state()[1] != "IN_PROGRESS", "Heat is done")
    must(stage.group.members().keys() == before, "all members stay")


def delete(stage):
    """All are asked at once; only the peer that belongs to no group is left."""
    stage.group.delete()
    stage.wait_until(lambda: not stage.hypervisor.running() and not stage.group.members(),
                     "all have gone")


ALL = {
    "out to five": out_to_five,
    "in to two": in_to_two,
    "out to five again": out_to_five,
    "in to two again": in_to_two,
    "out to five for troubles": out_to_five,
    "the silent node": silent,
    "the node that is cut off": cut_off,
    "the revoked credential": revoked,
    "out to five once more": out_to_five,
    "the stack is updated": update,
    "silent for good": silent_for_good,
    "the stack is deleted": delete,
}
