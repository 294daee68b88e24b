"""Runs that failed once (regressions.txt) do not fail again."""

import os
import unittest

from simulator import complaint, report

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "regressions.txt")


def regressions():
    """(arguments, what was found) of each line."""
    with open(LIST, encoding="utf-8") as lines:
        for line in lines:
            arguments, _, found = line.strip().partition("#")
            if arguments.strip():
                yield arguments.split(), found.strip()


class Regressions(unittest.TestCase):
    def test_each(self):
        for arguments, found in regressions():
            with self.subTest(found=found):
                result = report(*arguments)
                self.assertFalse(result["violations"], complaint(arguments, result))


if __name__ == "__main__":
    unittest.main()
