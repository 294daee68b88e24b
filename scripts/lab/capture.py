"""Records what peers say to each other on loopback, and has tshark read it."""

import json
import os
import socket
import subprocess

from lab.processes import LabError, start, stop, wait_for
from lab.sip import unique

# tshark refuses `-d tls.port==N,reload-framing`; a few lines of Lua register the ports.
_LUA = """local tls = DissectorTable.get("tls.port")
for _, port in ipairs({%s}) do tls:add(port, Dissector.get("reload-framing")) end
"""


class Capture:
    """dumpcap on loopback while in a `with` statement, from before the first peer starts."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, "capture.pcapng")
        self.process, self.how = None, []

    def __enter__(self):
        log_path = os.path.join(self.directory, "dumpcap.log")
        log = open(log_path, "wb")
        self.process = start(["dumpcap", "-i", "lo", "-f", "tcp", "-B", "64", "-w", self.path],
                             stdout=log, stderr=log)
        log.close()

        def begun():
            if self.process.poll() is not None:
                with open(log_path, encoding="utf-8", errors="replace") as text:
                    raise LabError("cannot capture on loopback: " + text.read().strip())
            return os.path.exists(self.path) and os.path.getsize(self.path) > 0
        try:
            wait_for(begun, "dumpcap records", 15)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None:
            stop(self.process, 10)

    def finish(self):
        """Ends the recording once everything said until now is in the file."""
        marker = unique("end-of-capture-").encode()
        with socket.create_server(("127.0.0.1", 0)) as server, \
                socket.create_connection(server.getsockname()) as client:
            client.sendall(marker)
            wait_for(lambda: marker in self._recorded(), "the capture has caught up", 30)
        self.__exit__()
        self.process = None

    def _recorded(self):
        with open(self.path, "rb") as file:
            return file.read()

    def decrypt(self, keylogs, ports):
        """What is needed to read the capture: TLS secrets, and the ports that speak RELOAD."""
        keys = os.path.join(self.directory, "keys")
        with open(keys, "wb") as together:
            for path in keylogs:
                with open(path, "rb") as one:
                    together.write(one.read())
        script = os.path.join(self.directory, "ports.lua")
        with open(script, "w", encoding="ascii") as text:
            text.write(_LUA % ", ".join(str(port) for port in ports))
        self.how = ["-o", f"tls.keylog_file:{keys}", "-o", "reload.defragment:TRUE",
                    "-X", f"lua_script:{script}"]

    def _tshark(self, display_filter, *options):
        """The packets that a filter lets through, as tshark's JSON has them."""
        done = subprocess.run(
            ["tshark", "-n", "-r", self.path, *self.how, "-Y", display_filter, "-T", "json",
             "--no-duplicate-keys", *options], capture_output=True, text=True, timeout=120,
            check=False)
        if done.returncode != 0:
            raise LabError("tshark: " + done.stderr.strip())
        return [packet["_source"]["layers"] for packet in json.loads(done.stdout or "[]")]

    def read(self, fields, display_filter="reload"):
        """A list of {field: [values]}, one a packet."""
        return self._tshark(display_filter, *(part for field in fields for part in ("-e", field)))

    def frames(self):
        """Each frame that travelled between peers (RFC 6940, 6.6.2), in hexadecimal digits."""
        found = []
        for layers in self._tshark("reload-framing", "-x"):
            raw = layers["reload-framing_raw"]
            found += [one[0] for one in (raw if isinstance(raw[0], list) else [raw])]
        return found
