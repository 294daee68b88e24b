"""Records what peers say to each other on loopback, and has tshark read it."""

import json
import os
import subprocess

from lab.processes import LabError, start, stop, wait_for

# tshark refuses `-d tls.port==N,reload-framing`; a few lines of Lua register the ports.
_LUA = """local tls = DissectorTable.get("tls.port")
for _, port in ipairs({%s}) do tls:add(port, Dissector.get("reload-framing")) end
"""


class Capture:
    """dumpcap on loopback while in a `with` statement, from before the first peer starts."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, "capture.pcapng")
        self.process = None

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

    def stop(self):
        self.__exit__()
        self.process = None

    def read(self, keylogs, ports, fields, display_filter="reload"):
        """A list of {field: [values]}, one a packet, of the decrypted capture."""
        keys = os.path.join(self.directory, "keys")
        with open(keys, "wb") as together:
            for path in keylogs:
                with open(path, "rb") as one:
                    together.write(one.read())
        script = os.path.join(self.directory, "ports.lua")
        with open(script, "w", encoding="ascii") as text:
            text.write(_LUA % ", ".join(str(port) for port in ports))
        command = ["tshark", "-n", "-r", self.path, "-o", f"tls.keylog_file:{keys}",
                   "-o", "reload.defragment:TRUE", "-X", f"lua_script:{script}",
                   "-Y", display_filter, "-T", "json", "--no-duplicate-keys"]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise LabError("tshark: " + done.stderr.strip())
        return [packet["_source"]["layers"] for packet in json.loads(done.stdout or "[]")]
