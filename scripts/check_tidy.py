#!/usr/bin/env python3
"""check_tidy.py BUILD_DIR [--long]: clang-tidy over our sources, with that build's compile commands.

Most of clang-tidy's time goes into the headers of the standard library. So the sources of a folder
are joined into one and looked at together, and what clang-tidy says is put back to where it belongs.
--long looks at each source by itself (so none lives on what its neighbor includes) and has the
static analyzer follow its paths, too.
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("src/", "sim/", "fuzz/", "examples/")
_UNITY = re.compile(r'#include "([^"]+\.cpp)"')
_PLACE = re.compile(r"^(?P<file>/[^:]+):(?P<line>\d+)(?=:\d+: )")
_SNIPPET = re.compile(r"^ *(?P<line>\d+)(?= \|)")


def compile_commands(build):
    """(source, flags) of all sources of ours; those of a unity source have its flags."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as text:
        entries = json.load(text)
    for entry in entries:
        words = shlex.split(entry["command"])
        flags = [word for word in words[1:words.index("-o")] if not word.startswith("-W")]
        sources = [entry["file"]]
        if "/Unity/unity_" in entry["file"]:
            with open(entry["file"], encoding="utf-8") as text:
                sources = _UNITY.findall(text.read())
        for source in sources:
            name = os.path.relpath(source, REPOSITORY)
            if name.startswith(FOLDERS):
                yield name, tuple(flags)


def folders(commands):
    """The sources of each folder that are compiled alike: [(sources, flags)], the longest first."""
    found = {}
    for source, flags in commands:
        found.setdefault((os.path.dirname(source), flags), set()).add(source)
    groups = [(sorted(sources), flags) for (_, flags), sources in found.items()]
    return sorted(groups, key=lambda group: -sum(os.path.getsize(name) for name in group[0]))


class Joined:
    """Sources one after the other in one file."""

    def __init__(self, path, sources):
        self.path = path
        self._starts = []
        lines = []
        for source in sources:
            # Every fuzzer has this function.
            entry = os.path.basename(source).removesuffix(".cpp")
            lines += ["#undef LLVMFuzzerTestOneInput",
                      f"#define LLVMFuzzerTestOneInput {entry}_entry"]
            self._starts.append((len(lines), source))
            with open(source, encoding="utf-8") as text:
                lines += text.read().splitlines()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as text:
            text.write("\n".join(lines) + "\n")

    def origin(self, line):
        """(source, line) of a line of the joined file."""
        start, source = [found for found in self._starts if found[0] < line][-1]
        return source, line - start

    def put_back(self, output):
        """clang-tidy's output, with places in the sources in place of those in the joined file."""
        lines = []
        in_joined = False
        for line in output.splitlines():
            if place := _PLACE.match(line):
                in_joined = place["file"] == self.path
                if in_joined:
                    source, number = self.origin(int(place["line"]))
                    line = f"{source}:{number}{line[place.end():]}"
            elif in_joined and (snippet := _SNIPPET.match(line)):
                number = self.origin(int(snippet["line"]))[1]
                line = f"{number:>{snippet.end()}}{line[snippet.end():]}"
            lines.append(line)
        return "\n".join(lines)


def tidy(path, flags, *options):
    """What clang-tidy has to say about a source; nothing if all is well."""
    done = subprocess.run(["clang-tidy-19", "--quiet", *options, path, "--", *flags],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout or done.stderr


def tidy_joined(build, sources, flags):
    name = os.path.dirname(sources[0]).replace("/", "_")
    joined = Joined(os.path.join(build, "tidy", f"{name}.cpp"), sources)
    return joined.put_back(tidy(joined.path, flags, "--checks=-clang-analyzer-*"))


def main():
    build = os.path.abspath(sys.argv[1])
    os.chdir(REPOSITORY)
    commands = list(compile_commands(build))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        if "--long" in sys.argv[2:]:
            work = [pool.submit(tidy, source, flags) for source, flags in sorted(set(commands))]
        else:
            work = [pool.submit(tidy_joined, build, *group) for group in folders(commands)]
        findings = 0
        for done in concurrent.futures.as_completed(work):
            if found := done.result():
                findings += 1
                print(found, flush=True)
    return 1 if findings or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
