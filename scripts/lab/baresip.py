"""Debian's baresip as a phone that answers by itself, without sound devices."""

import glob
import json
import os
import socket
import subprocess
import tempfile

from lab.processes import LabError, free_port, start, stop

_CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:0
sip_verify_server no
call_local_timeout 120
call_max_calls 4
audio_player aubridge,nil
audio_source aubridge,nil
audio_alert aubridge,nil
audio_srate 8000
audio_channels 1
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip:
    """One account at one peer: `address` is (host, port), or a name that `dns` (its address) knows.
    Use it in a `with` statement."""

    def __init__(self, directory, user, password, address, transport="udp", domain="example.org",
                 options=(), trusted=None, dns=None):
        self.home = tempfile.mkdtemp(prefix=f"baresip-{user}-{transport}-", dir=directory)
        modules = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
        if not modules:
            raise LabError("baresip's modules were not found")
        self.control = free_port()
        config = _CONFIG.format(modules=modules[0], control=self.control)
        if dns:
            config += f"dns_server {dns}\n"
        server = address if isinstance(address, str) else "%s:%d" % address
        if trusted:
            config = config.replace("sip_verify_server no", "sip_verify_server yes")
            config += f"sip_cafile {trusted}\n"
        self._write("config", config)
        self._write("accounts", f"<sip:{user}@{domain};transport={transport}>;auth_user={user};"
                    f"auth_pass={password};outbound=\"sip:{server};transport={transport}\";"
                    "regint=600;answermode=auto\n")
        self._write("contacts", "")
        self.log_path = os.path.join(self.home, "log")
        log = open(self.log_path, "wb")
        self.process = start(["baresip", "-f", self.home, "-v", *options],
                             stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        log.close()

    def _write(self, name, content):
        with open(os.path.join(self.home, name), "w", encoding="ascii") as text:
            text.write(content)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def command(self, name):
        """What could be typed, e.g. "hangup"."""
        text = json.dumps({"command": name})
        with socket.create_connection(("127.0.0.1", self.control), 5) as connection:
            connection.sendall(f"{len(text)}:{text},".encode())
            with connection.makefile("rb") as said:
                answer = self._response(said)
        if not answer.get("ok"):
            raise LabError(f"baresip: {name}: {answer}")

    @staticmethod
    def _response(said):
        """What it says of events may come before it."""
        while length := b"".join(iter(lambda: said.read(1).strip(b":"), b"")):
            text = said.read(int(length) + 1)[:-1]  # A netstring ends with a comma.
            if (one := json.loads(text)).get("response"):
                return one
        return {}

    def kill(self):
        """As when the battery falls out."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 5)
