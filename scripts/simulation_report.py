#!/usr/bin/env python3
"""Runs carillon-sim over and over, keeps what it says in docs/simulation/results.json, and writes
the tables and plots of docs/simulation.md from that.

  simulation_report.py run [NAME ...]   plays the experiments (all of them, or those named)
  simulation_report.py write            writes tables and plots from what is there
"""

import argparse
import json
import math
import os
import subprocess
import sys

from simulation_plot import plot

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("CARILLON_SIMULATOR",
                         os.path.join(REPOSITORY, "build/release/sim/carillon-sim"))
# A test has the page, and what belongs to it, written elsewhere.
DOCS = os.environ.get("CARILLON_REPORT_DOCS", os.path.join(REPOSITORY, "docs"))
FOLDER = os.path.join(DOCS, "simulation")
RESULTS = os.path.join(FOLDER, "results.json")
PAGE = os.path.join(DOCS, "simulation.md")


def _steady(peers, duration=300, *more):
    return ["--scenario", "steady", "--peers", str(peers), "--duration", str(duration), *more]


def _churn(mean):
    return ["--scenario", "churn", "--peers", "200", "--duration", "3600",
            "--set", "real_signatures_up_to=0", "--set", f"session_mean_s={mean}"]


def _crash(share, seed):
    return ["--scenario", "mass_crash", "--peers", "300", "--duration", "120", "--seed", str(seed),
            "--set", f"crash_share={share}", "--set", "values=3000"]


EXPERIMENTS = {
    "size": [_steady(peers) for peers in (10, 30, 100, 300, 1000)],
    "large": [_steady(3000, 60)],
    "ten_thousand": [_steady(10000, 60)],
    "churn": [_churn(mean) for mean in (900, 1800, 3600, 7200)],
    "crash": [_crash(share, seed) for share in (0.05, 0.1, 0.2, 0.3) for seed in range(1, 13)],
    "hour": [["--scenario", "churn", "--peers", "10000", "--duration", "3600"]],
    "hundred_thousand": [_steady(100000, 100, "--set", "lookups_per_second=100")],
}


def load():
    if not os.path.exists(RESULTS):
        return {}
    with open(RESULTS, encoding="utf-8") as file:
        return json.load(file)


def run(names):
    os.makedirs(FOLDER, exist_ok=True)
    for name in names:
        reports = []
        for arguments in EXPERIMENTS[name]:
            print("carillon-sim", *arguments, flush=True)
            process = subprocess.run([PROGRAM, *arguments, "--json"], capture_output=True, text=True,
                                     check=False)
            if process.returncode not in (0, 1):
                sys.exit(process.stderr)
            report = json.loads(process.stdout)
            report["arguments"] = " ".join(arguments)
            reports.append(report)
        results = load()
        results[name] = reports
        with open(RESULTS, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
            file.write("\n")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def half_log(peers):
    return math.log2(peers) / 2


def size_section(results):
    reports = [report for name in ("size", "large", "ten_thousand",
                                                  "hundred_thousand")
               for report in results.get(name, [])]
    save("hops.svg", plot("Links that a lookup crosses, steady ring", "peers", "hops", {
        "mean": [(r["peers"], r["hops_mean"]) for r in reports],
        "99th percentile": [(r["peers"], r["hops_p99"]) for r in reports],
        "(half of log2 N)": [(r["peers"], half_log(r["peers"])) for r in reports]}, log_x=True))
    save("memory.svg", plot("Memory of a peer", "peers", "kB", {
        r: [(x["peers"], x["bytes_per_peer"] / 1e3) for x in reports if x["signatures"] == r]
        for r in ("ecdsa", "free") if any(x["signatures"] == r for x in reports)}, log_x=True))
    save("traffic.svg", plot("Messages of a peer, lookups and stores included", "peers",
                             "messages a minute", {"messages": [
                                 (r["peers"], r["messages_per_peer_per_minute"])
                                 for r in reports]}, log_x=True))
    rows = [(r["peers"], f'{r["hops_mean"]:.2f}', r["hops_p99"], f'{half_log(r["peers"]):.2f}',
             f'{r["lookups"]}', f'{100 * r["lookup_success"]:.3f} %',
             f'{r["latency_ms_p50"]:.0f} / {r["latency_ms_p99"]:.0f}',
             f'{r["max_share_over_mean"]:.2f}', f'{r["messages_per_peer_per_minute"]:.0f}',
             f'{r["bytes_per_peer"] / 1e3:.0f}', r["signatures"]) for r in reports]
    return table(("peers", "hops", "p99", "½·log₂N", "lookups", "found", "ms p50 / p99",
                  "fullest / mean", "messages/min", "kB", "signatures"), rows) + \
        "\n\n![hops](simulation/hops.svg)\n![memory](simulation/memory.svg)\n" \
        "![messages](simulation/traffic.svg)"


def churn_section(results):
    reports = results.get("churn", [])
    means = [int(r["arguments"].rpartition("=")[2]) for r in reports]
    save("churn.svg", plot("Lookups under churn, 200 peers", "mean session, minutes", "not right, %", {
        "lookups": [(m / 60, 100 * (1 - r["lookup_success"])) for m, r in zip(means, reports)]}))
    save("repair.svg", plot("Three copies again, 200 peers", "mean session, minutes", "s (p99)", {
        "repair": [(m / 60, r["repair_seconds_p99"]) for m, r in zip(means, reports)]}))
    rows = [(m // 60, r["lookups"], f'{100 * r["lookup_success"]:.3f} %', r["lost_values"],
             r["stale_reads"], f'{r["repair_seconds_p99"]:.0f}',
             f'{r["messages_per_peer_per_minute"]:.0f}', f'{r["max_share_over_mean"]:.2f}',
             len(r["violations"])) for m, r in zip(means, reports)]
    return table(("mean session, min", "lookups", "found", "lost values", "stale reads",
                  "repair p99, s", "messages/min", "fullest / mean", "violations"), rows) + \
        "\n\n![churn](simulation/churn.svg)\n![repair](simulation/repair.svg)"


def crash_section(results):
    shares = {}
    for report in results.get("crash", []):
        share = float(report["arguments"].partition("crash_share=")[2].split()[0])
        shares.setdefault(share, []).append(report)
    rows, measured, chance = [], [], []
    for share, reports in shares.items():
        lost = sum(r["crash_lost_values"] for r in reports)
        values = sum(r["crash_values"] for r in reports)
        expected = sum(r["crash_lost_share_by_chance"] for r in reports) / len(reports)
        measured.append((100 * share, 100 * lost / values))
        chance.append((100 * share, 100 * expected))
        rows.append((f"{100 * share:.0f} %", values, lost, f"{100 * lost / values:.3f} %",
                     f"{100 * expected:.3f} %"))
    save("crash.svg", plot("Values lost when peers crash at one instant", "peers crashed, %",
                           "values lost, %", {"measured": measured,
                                              "(three copies on random peers)": chance}))
    return table(("crashed", "values", "lost", "share", "by chance"), rows) + \
        "\n\n![crash](simulation/crash.svg)"


def large_section(results):
    reports = results.get("hour", []) + results.get("hundred_thousand", [])
    rows = [(r["arguments"].replace("--", ""), f'{r["wall_seconds"]:.0f}', r["events"],
             f'{r["bytes_per_peer"] / 1e3:.0f}', r["lookups"], f'{100 * r["lookup_success"]:.3f} %',
             r["lost_values"], len(r["violations"])) for r in reports]
    return table(("run", "wall s", "events", "kB a peer", "lookups", "found", "lost",
                  "violations"), rows)


SECTIONS = {"size": (size_section, ("size",)), "churn": (churn_section, ("churn",)),
            "crash": (crash_section, ("crash",)),
            "large": (large_section, ("hour", "hundred_thousand"))}


def save(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.write(text)


def write():
    results = load()
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for name, (section, needs) in SECTIONS.items():
        if not any(need in results for need in needs):
            continue
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, known, rest = page.partition(start)
        if not known:  # A section that the page does not have yet goes to its end.
            before, rest = page + "\n", end + "\n"
        _, _, after = rest.partition(end)
        page = f"{before}{start}\n{section(results)}\n{end}{after}"
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("run", "write"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EXPERIMENTS))
    options = parser.parse_args()
    if options.action == "run":
        run(options.names or list(EXPERIMENTS))
    write()


if __name__ == "__main__":
    main()
