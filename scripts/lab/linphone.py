"""Debian's linphonec as a phone that answers by itself, without sound devices."""

import os
import subprocess
import tempfile

from lab.processes import start, stop

_CONFIG = """
[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=-1
default_proxy=0
root_ca={trusted}
verify_server_certs=1
verify_server_cn=1
inc_timeout=30
media_encryption=none
use_ipv6=0

[net]
mtu=1300
firewall_policy=none

[proxy_0]
reg_proxy=<sip:{host}:{port};transport={transport}>
reg_route=<sip:{host}:{port};transport={transport}>
reg_identity=sip:{user}@{domain}
reg_expires=600
reg_sendregister=1
publish=0

[auth_info_0]
username={user}
passwd={password}
realm={domain}
domain={domain}

[sound]
playback_dev_id=
capture_dev_id=
ringer_dev_id=
remote_ring=

[rtp]
audio_rtp_port=-1
"""


class Linphone:
    """One account at one peer: `address` is (host, port). Use it in a `with` statement."""

    def __init__(self, directory, user, password, address, transport="udp", domain="example.org",
                 trusted=""):
        # Its TLS does not know addresses in certificates.
        host = "localhost" if transport == "tls" else address[0]
        self.home = tempfile.mkdtemp(prefix=f"linphone-{user}-{transport}-", dir=directory)
        os.makedirs(os.path.join(self.home, ".local", "share", "linphone"))  # It makes no parents.
        config = os.path.join(self.home, "linphonerc")
        with open(config, "w", encoding="ascii") as text:
            text.write(_CONFIG.format(user=user, password=password, host=host,
                                      port=address[1], transport=transport, domain=domain,
                                      trusted=trusted))
        self.log_path = os.path.join(self.home, "log")
        log = open(self.log_path, "wb")
        self.process = start(["linphonec", "-a", "-S", "-c", config],
                             stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
                             env={**os.environ, "HOME": self.home})
        log.close()
        self.command("soundcard use files")

    def command(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def kill(self):
        """As when the battery falls out."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 5)
        self.process.stdin.close()
