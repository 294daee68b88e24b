"""The script that writes tables and plots of docs/simulation.md, on a tiny set of runs."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts")


class Report(unittest.TestCase):
    def test_plays_and_writes(self):
        with tempfile.TemporaryDirectory() as docs:
            os.environ["CARILLON_REPORT_DOCS"] = docs
            sys.path.insert(0, SCRIPTS)
            import simulation_report  # pylint: disable=import-outside-toplevel
            with open(os.path.join(docs, "simulation.md"), "w", encoding="utf-8") as page:
                page.write("# Simulation\n")
            simulation_report.EXPERIMENTS["size"] = [
                ["--scenario", "steady", "--peers", str(peers), "--duration", "20"]
                for peers in (4, 7)]
            with contextlib.redirect_stdout(io.StringIO()):
                simulation_report.run(["size"])
            simulation_report.write()
            simulation_report.write()  # Again: in place of the first.
            with open(os.path.join(docs, "simulation.md"), encoding="utf-8") as page:
                text = page.read()
            self.assertEqual(text.count("<!-- size -->"), 1)
            self.assertIn("| 7 |", text)
            for plot in ("hops", "memory", "traffic"):
                file = os.path.join(docs, "simulation", plot + ".svg")
                self.assertTrue(xml.etree.ElementTree.parse(file).getroot().tag.endswith("svg"))


if __name__ == "__main__":
    unittest.main()
