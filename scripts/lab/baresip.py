"""Debian's baresip as a phone that answers by itself, without sound devices."""

import glob
import os
import subprocess
import tempfile

from lab.processes import LabError, start, stop

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
"""


class Baresip:
    """One account at one peer: `address` is (host, port). Use it in a `with` statement."""

    def __init__(self, directory, user, password, address, transport="udp", domain="example.org",
                 options=(), trusted=None):
        self.home = tempfile.mkdtemp(prefix=f"baresip-{user}-{transport}-", dir=directory)
        modules = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
        if not modules:
            raise LabError("baresip's modules were not found")
        config = _CONFIG.format(modules=modules[0])
        if trusted:
            config = config.replace("sip_verify_server no", "sip_verify_server yes")
            config += f"sip_cafile {trusted}\n"
        self._write("config", config)
        self._write("accounts", f"<sip:{user}@{domain};transport={transport}>;auth_user={user};"
                    f"auth_pass={password};outbound=\"sip:%s:%d;transport={transport}\";"
                    "regint=600;answermode=auto\n" % address)
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

    def kill(self):
        """As when the battery falls out."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 5)
