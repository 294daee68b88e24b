"""Every scenario, small: with seeds that are always the same, and a fresh one each time. With
--long, many."""

import unittest

from simulator import LONG, complaint, fresh_seed, report

FIXED = 2 if not LONG else 30
FRESH = 1 if not LONG else 20

# What makes one small, and lively: sessions are short, and each seed has its own weather (sim/weather.hpp).
WEATHER = ["--set", "weather=0.25"]
SMALL = {
    "steady": ["--peers", "16", "--duration", "120"],
    "churn": ["--peers", "24", "--duration", "600", "--set", "session_mean_s=900"],
    "mass_join": ["--peers", "12", "--duration", "120"],
    "mass_crash": ["--peers", "30", "--duration", "120"],
    "neighbor_crash": ["--peers", "16", "--duration", "300"],
    "rolling_restart": ["--peers", "8", "--duration", "200"],
    "partition": ["--peers", "16", "--duration", "60"],
    "scale_in": ["--peers", "18", "--duration", "120"],
    "flash_crowd": ["--peers", "12", "--duration", "600"],
    "hostile": ["--peers", "20", "--duration", "120"],
}


class Scenarios(unittest.TestCase):
    def play(self, scenario):
        first = fresh_seed()
        print(f"fresh seed: {first}")
        for seed in [*range(1, FIXED + 1), *range(first, first + FRESH)]:
            arguments = ["--scenario", scenario, "--seed", str(seed), *SMALL[scenario], *WEATHER]
            with self.subTest(seed=seed):
                result = report(*arguments)
                self.assertFalse(result["violations"], complaint(arguments, result))
                self.assertGreater(result["lookups"], 100)
                if scenario != "hostile":  # Who is responsible may lie.
                    self.assertGreaterEqual(result["lookup_success"], 0.999)


def _add(scenario):
    setattr(Scenarios, f"test_{scenario}", lambda self: self.play(scenario))


for _scenario in SMALL:
    _add(_scenario)

if __name__ == "__main__":
    unittest.main()
