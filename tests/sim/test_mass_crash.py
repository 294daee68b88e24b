"""What a crash of many peers at one instant costs, against what chance would have it cost."""

import unittest

from simulator import report

SEEDS = range(1, 7)
ARGUMENTS = ["--scenario", "mass_crash", "--peers", "100", "--duration", "30", "--set",
             "crash_share=0.3", "--set", "values=1000", "--set", "real_signatures_up_to=0"]


class MassCrash(unittest.TestCase):
    def test_no_more_is_lost_than_three_copies_on_random_peers_would_lose(self):
        results = [report(*ARGUMENTS, "--seed", str(seed)) for seed in SEEDS]
        chance = results[0]["crash_lost_share_by_chance"]
        self.assertAlmostEqual(chance, 30 * 29 * 28 / (100 * 99 * 98))
        lost = sum(result["crash_lost_share"] for result in results) / len(results)
        # Values share their three peers with a hundredth of the others, so runs differ: the
        # standard deviation of one is about the square root of 2 * chance / peers.
        deviation = (2 * chance / 100 / len(results)) ** 0.5
        print(f"lost {lost:.4f}, by chance {chance:.4f} +- {deviation:.4f}")
        self.assertLess(lost, chance + 3 * deviation)
        self.assertGreater(lost, 0)
        for result in results:
            self.assertEqual(result["crashed_peers"], 30)
            self.assertGreater(result["crash_values"], 900)
            self.assertFalse(result["violations"])


if __name__ == "__main__":
    unittest.main()
