"""How the calls went: which were set up, after what, and why the others failed."""

import os
import re

from phones import Reader

CALL_ID = re.compile(r"(\d+)-(call\d+)-(\d+)-\d+@phones")
CAUSES = ((re.compile(r"received 'SIP/2\.0 (\d+)"), None),
          (re.compile(r"retransmission"), "silence"), (re.compile(r"timeout"), "silence"))


class Calls:
    """Counts by chapter: a call belongs to the one in which it began."""

    def __init__(self, phones):
        self.phones = phones
        self.logs = Reader(lambda: [path for group in phones.calling for path in group.logs])
        self.errors = Reader(lambda: [sipp.errors_path for group in phones.calling
                                      for sipp in group.processes])
        self.began, self.up, self.unended, self.causes = {}, set(), set(), {}
        self.moved = {}
        self.chapter = None

    @staticmethod
    def _key(path, number):
        name, epoch = os.path.basename(path)[:-len(".log")].rsplit("-", 1)
        return name, int(epoch), int(number)

    def enter(self, chapter):
        self.read()
        self.chapter = chapter

    def read(self):
        for path, line in self.logs.lines():
            word, *rest = line.split()
            if word == "moved":
                count = self.moved.setdefault(self.chapter, {})
                count[rest[0]] = count.get(rest[0], 0) + 1
            elif word == "call":
                self.began.setdefault(self._key(path, rest[-1]), self.chapter)
            elif word == "up":
                self.up.add(self._key(path, rest[-1]))
            elif word == "refused":
                self.causes.setdefault(self._key(path, rest[-1]), "no peer takes it")
            elif word == "unended":
                self.unended.add(self._key(path, rest[-1]))
        for _, line in self.errors.lines():
            found = CALL_ID.search(line)
            if not found:
                continue
            for pattern, cause in CAUSES:
                match = pattern.search(line)
                if match:
                    key = found[2], int(found[3]), int(found[1])
                    self.causes.setdefault(key, cause or match[1])
                    break

    def of(self, chapter):
        """Once all calls have ended."""
        mine = [key for key, one in self.began.items() if one == chapter]
        failed = [key for key in mine if key not in self.up]
        causes = {}
        for key in failed:
            cause = self.causes.get(key, "never answered")
            causes[cause] = causes.get(cause, 0) + 1
        return {"calls": len(mine), "set_up_failed": len(failed), "causes": causes,
                "placed_elsewhere": self.moved.get(chapter, {}),
                "not_hung_up_in_order": sum(key in self.unended for key in mine)}
