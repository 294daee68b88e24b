"""A small run: five peers, 200 phones, calls going on. What was acknowledged must be there, at every
peer, whatever happens; tests/cluster/run.py plays more of it (docs/reliability.md)."""

import unittest

import run


class Troubles(unittest.TestCase):
    def play(self, *names):
        """Runs them one after the other; nothing is lost, no stranger gets in, no call fails that
        need not."""
        options = run.read_options([])
        chapters, totals = run.play(options, ["scale out, 3 to all", *names])
        self.assertEqual(totals["unauthorised_writes_accepted"], 0)
        self.assertGreater(totals["guesses_refused"], 0)
        for chapter in chapters:
            with self.subTest(chapter["chapter"]):
                for found in [chapter] + [one for one in chapter.values() if isinstance(one, dict)]:
                    wrong = {what: found[what] for what in ("lost", "stale", "came_back",
                                                            "otherwise_wrong") if found.get(what)}
                    self.assertEqual(wrong, {})
        return {chapter["chapter"]: chapter for chapter in chapters}

    def test_crashes(self):
        self.play("kill -9 of one", "kill -9 of two neighbors", "back with an old disk")

    def test_network(self):
        self.play("silent power-off", "partition and heal")

    def test_leaving(self):
        played = self.play("one leaves", "half leave at once", "rolling restart",
                           "scale in, all to 3")
        for name, chapter in played.items():
            with self.subTest(name):
                self.assertEqual(chapter["causes"], {})



if __name__ == "__main__":
    unittest.main()
