"""A peer's control socket, spoken to directly: for many commands in a row."""

import json
import socket

from lab.processes import LabError

ANSWER_SECONDS = 60


class Control:
    """One connection; one JSON line a command, one a reply, in turn."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def ask(self, command, **arguments):
        """The result of a command; LabError if the peer says no."""
        self.socket.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
        answer = json.loads(self.lines.readline() or b"{}")
        if not answer.get("ok"):
            raise LabError(f"{command}: {answer.get('error', 'no answer')}")
        return answer["result"]
