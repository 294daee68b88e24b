"""The program: its output, and that a seed plays the same run bit for bit."""

import unittest

from simulator import report, run

FIELDS = ["seed", "scenario", "peers", "signatures", "virtual_seconds", "wall_seconds",
          "scenario_wall_seconds", "events", "trace_hash", "weather", "lookups", "lookup_success", "hops_mean", "hops_p99", "latency_ms_p50",
          "latency_ms_p99", "acked_values", "lost_values", "stale_reads", "max_share_over_mean",
          "bytes_per_peer", "messages_per_peer_per_minute", "repair_seconds_p99",
          "crashed_peers", "crash_values", "crash_lost_values", "crash_lost_share",
          "crash_lost_share_by_chance",
          "hostile_lookups", "hostile_missing", "hostile_stale", "hostile_failed", "violations"]
SMALL = ["--peers", "12", "--duration", "120", "--scenario", "churn",
         "--set", "session_mean_s=300", "--set", "loss=0.01"]


def without_measurements(result):
    """What must be the same in two runs of one seed."""
    return {key: value for key, value in result.items()
            if key not in ("wall_seconds", "scenario_wall_seconds", "bytes_per_peer")}


class Program(unittest.TestCase):
    def test_one_object_with_these_fields(self):
        result = report(*SMALL)
        self.assertEqual(list(result), FIELDS)
        self.assertEqual(result["signatures"], "ecdsa")
        self.assertGreater(result["events"], 10_000)

    def test_same_seed_same_trace(self):
        one, other = report(*SMALL, "--seed", "7"), report(*SMALL, "--seed", "7")
        self.assertEqual(without_measurements(one), without_measurements(other))

    def test_same_seed_same_trace_with_free_signatures(self):
        arguments = [*SMALL, "--seed", "8", "--set", "real_signatures_up_to=0"]
        one, other = report(*arguments), report(*arguments)
        self.assertEqual(one["signatures"], "free")
        self.assertEqual(without_measurements(one), without_measurements(other))

    def test_other_seed_other_trace(self):
        self.assertNotEqual(report(*SMALL, "--seed", "7")["trace_hash"],
                            report(*SMALL, "--seed", "9")["trace_hash"])

    def test_checkers_find_what_is_not_right_yet(self):
        # Tables need a moment after a change, and copies longer: who gives them none finds faults.
        arguments = ["--peers", "16", "--duration", "300", "--scenario", "churn", "--json",
                     "--set", "session_mean_s=200"]
        for setting, checker in (("settle_s=0", "one ring"), ("repair_s=0", "three copies")):
            process = run(*arguments, "--set", setting, *(
                ["--set", "settle_s=1"] if checker == "three copies" else []))
            self.assertEqual(process.returncode, 1, setting)
            self.assertIn(checker, process.stdout)

    def test_trace_tells_how_a_join_works(self):
        process = run("--peers", "3", "--duration", "10", "--trace")
        self.assertEqual(process.returncode, 0)
        for sentence in ("admitting node", "joined"):
            self.assertIn(sentence, process.stdout)

    def test_what_is_wrong_is_said(self):
        for arguments, text in ((["--scenario", "picnic"], "no scenario 'picnic'"),
                                (["--set", "colour=1"], "colour=1"),
                                (["--set", "loss=much"], "not a number")):
            process = run(*arguments)
            self.assertEqual(process.returncode, 2, arguments)
            self.assertIn(text, process.stderr)


if __name__ == "__main__":
    unittest.main()
