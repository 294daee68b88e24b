"""The marks, and the tables that compare.py writes."""

import os

ONE, THREE, SIX = ("Kamailio, one node, in memory", "Kamailio, three nodes, DMQ",
                   "Kamailio, six nodes, DMQ")
PEERS = {1: "one peer", 3: "three peers", 6: "six peers"}
# Whose cost stands beside whose, and the ratio to reach, if one was set.
PAIRS = [
    ("refresh", 3, ONE, 1.0),
    ("unasked refresh", 3, ONE, 1.0),
    ("call", 1, ONE, 1.0),
    ("call", 3, ONE, None),
    ("lookup", 3, ONE, None),
    ("new registration", 3, ONE, None),
    ("new registration", 3, THREE, 4.0),
    ("mix", 3, THREE, 0.5),
    ("new registration", 6, SIX, None),
    ("refresh", 6, SIX, None),
    ("mix", 6, SIX, None),
]
TITLES = {"unasked refresh": "refresh without authentication",
          "mix": "a new registration in twenty REGISTERs"}
# Three peers' microseconds, as first set on a quiet machine, and what Kamailio, one node in memory,
# cost then. A machine that makes Kamailio twice as dear is allowed to make us twice as dear.
MARKS_US = {"new registration": 2000, "refresh": 80, "call": 900, "lookup": 300}
KAMAILIO_THEN_US = {"new registration": 54, "refresh": 54, "call": 242}
MEMORY_MARK_MB = 300


def rows(ours, rivals):
    """One for each pair that was measured. `ours`: {peers: costs}, `rivals`: {title: costs}."""
    found = []
    for operation, peers, rival, wanted in PAIRS:
        mine = ours.get(peers, {}).get(operation)
        theirs = rivals.get(rival, {}).get(operation)
        if mine is None or theirs is None:
            continue
        found.append({"operation": operation, "peers": peers, "ours_us": round(mine, 1),
                      "rival": rival, "rival_us": round(theirs, 1),
                      "ratio": round(mine / theirs, 2), "ratio_to_reach": wanted})
    return found


def ratio_table(found):
    lines = ["| operation | Carillon | | rival | | ratio | to reach |", "|---|---|---|---|---|---|---|"]
    for row in found:
        wanted = row["ratio_to_reach"]
        lines.append(f"| {TITLES.get(row['operation'], row['operation'])} | {PEERS[row['peers']]} "
                     f"| {row['ours_us']} µs | {row['rival']} | {row['rival_us']} µs "
                     f"| {row['ratio']} | {wanted or ''} |")
    return lines


def marks_here(rivals):
    """The marks times what Kamailio costs here over what it cost when they were set. A lookup, which
    has no such figure, takes the least factor."""
    factors = {name: rivals[ONE][name] / then for name, then in KAMAILIO_THEN_US.items()}
    return {name: round(mark * factors.get(name, min(factors.values())))
            for name, mark in MARKS_US.items()}


def mark_table(ours, rivals):
    here = marks_here(rivals)
    lines = ["| operation, three peers | cost | mark | mark at this machine's speed |",
             "|---|---|---|---|"]
    lines += [f"| {name} | {ours[3][name]:.1f} µs | {mark} µs | {here[name]} µs |"
              for name, mark in MARKS_US.items()]
    return lines


def response_table(times):
    lines = ["| refreshes at 80 % of what one core bears | a second | unanswered | cores used | p50 "
             "| p99 | p99.9 |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {title} | {one['sent'] / one['seconds']:.0f} | {one['sent'] - one['answered']} "
              f"| {one['cores']:.2f} | {one['p50_ms']:.2f} ms | {one['p99_ms']:.2f} ms "
              f"| {one['p999_ms']:.2f} ms |" for title, one in times.items()]
    return lines


def memory_table(peers, bindings):
    lines = [f"Memory with {bindings} bindings, all registered at peer 2 (mark: {MEMORY_MARK_MB} MB a "
             "peer; 'file' is the database's pages, which the kernel may drop):", "",
             "| peer | resident | of it file |", "|---|---|---|"]
    return lines + [f"| {one['peer']} | {one['all_mb']} MB | {one['file_mb']} MB |" for one in peers]


def text(found, ours, rivals, times, peers, bindings):
    parts = [[f"Load average at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors."],
             ratio_table(found), mark_table(ours, rivals), response_table(times)]
    if peers:
        parts.append(memory_table(peers, bindings))
    return "\n\n".join("\n".join(part) for part in parts)


def missed(found, ours, rivals, peers):
    """Lines that say what was missed of each kind of mark."""
    memory = [f"memory of peer {one['peer']}" for one in peers if one["all_mb"] > MEMORY_MARK_MB]
    kinds = {
        "ratios": [f"{row['operation']} at {PEERS[row['peers']]}" for row in found
                   if row["ratio_to_reach"] and row["ratio"] > row["ratio_to_reach"]],
        "marks": [name for name, mark in MARKS_US.items() if ours[3][name] > mark] + memory,
        "marks at this machine's speed":
            [name for name, mark in marks_here(rivals).items() if ours[3][name] > mark] + memory}
    return [f"{kind}: " + ("missed " + ", ".join(names) if names else "all met")
            for kind, names in kinds.items()]
