"""The house is in order: files short, links alive, no promises in place of code."""

import os
import re
import subprocess
import unittest

from layers import MAY_INCLUDE, REPOSITORY, SOURCE, sources

LONGEST_FILE_LINES = 400
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_MENTION = re.compile(r"`((?:src|include|tests|docs|scripts|fuzz|benchmarks|examples|sim|cmake|\.ci)/"
                      r"[\w./-]*)`")
_HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def tracked_files():
    """Everything that is part of the project, not what a build left."""
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                             cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.splitlines()
            if os.path.exists(os.path.join(REPOSITORY, name))]


def read(name):
    with open(os.path.join(REPOSITORY, name), encoding="utf-8") as text:
        return text.read()


def anchors(text):
    """The fragments that the headings of a Markdown text may be reached by."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in _HEADING.findall(text)}


class Tidiness(unittest.TestCase):
    def test_links_lead_somewhere(self):
        dead = []
        for name in tracked_files():
            if not name.endswith(".md"):
                continue
            text = read(name)
            here = os.path.dirname(os.path.join(REPOSITORY, name))
            for link in _LINK.findall(text):
                if link.startswith(("http://", "https://", "mailto:")):
                    continue
                path, _, fragment = link.partition("#")
                target = os.path.normpath(os.path.join(here, path)) if path else \
                    os.path.join(REPOSITORY, name)
                if not os.path.exists(target):
                    dead.append(f"{name}: {link}")
                elif fragment and target.endswith(".md") and \
                        fragment not in anchors(read(os.path.relpath(target, REPOSITORY))):
                    dead.append(f"{name}: {link} (no such heading)")
            dead += [f"{name}: `{mention}`" for mention in _MENTION.findall(text)
                     if not os.path.exists(os.path.join(REPOSITORY, mention))]
        self.assertEqual(dead, [])

    def test_files_are_short(self):
        long = []
        for path in sources(SOURCE) + sources(os.path.join(REPOSITORY, "include")):
            with open(path, encoding="utf-8") as text:
                count = sum(1 for _ in text)
            if count > LONGEST_FILE_LINES:
                long.append(f"{os.path.relpath(path, REPOSITORY)}: {count} lines")
        self.assertEqual(long, [])

    def test_nothing_is_promised_instead_of_done(self):
        promise = re.compile(r"\b(TODO" r"|FIXME" r"|XXX|HACK)\b|DISABLED_|sleep_for|GTEST_SKIP\(\)\s*;")
        promises = [f"{name}: {line.strip()}" for name in tracked_files()
                    if name.endswith((".hpp", ".cpp", ".py", ".sh", ".txt", ".cmake"))
                    and not name.endswith("structure/test_tidiness.py")
                    for line in read(name).splitlines() if promise.search(line)]
        self.assertEqual(promises, [])

    def test_no_path_of_one_machine(self):
        path = re.compile(r"(?<![\w.$}])/(?:wor" r"k|roo" r"t|hom" r"e)/")
        found = [f"{name}: {line.strip()[:120]}" for name in tracked_files()
                 if name.endswith((".hpp", ".cpp", ".py", ".sh", ".txt", ".cmake", ".md", ".json",
                                   ".xml", "run", "test", "bench"))
                 for line in read(name).splitlines() if path.search(line)]
        self.assertEqual(found, [])

    def test_every_layer_says_what_it_is_for(self):
        missing = [layer for layer in MAY_INCLUDE
                   if not os.path.exists(os.path.join(SOURCE, layer, "README.md"))]
        self.assertEqual(missing, [])

    def test_the_front_page_is_complete(self):
        for name in ("README.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md",
                     "docs/operations.md", "docs/rfc-map.md", "docs/decisions/README.md"):
            self.assertTrue(os.path.exists(os.path.join(REPOSITORY, name)), name)
        self.assertIn("Apache License", read("LICENSE"))
        for name in ("run", "test", "bench", ".ci/run"):
            self.assertTrue(os.access(os.path.join(REPOSITORY, name), os.X_OK), name)


if __name__ == "__main__":
    unittest.main()
