"""Debian's dnsmasq as the authoritative server of a test's names, on a port of its own."""

import subprocess

from lab.processes import free_port, start, stop


class Dns:
    """`records` are options of dnsmasq, e.g. "srv-host=_sip._udp.example.com,host,5060,1,1"."""

    def __init__(self, records, host="127.0.0.1"):
        self.port = free_port()
        self.address = f"{host}:{self.port}"
        self.process = start(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
             "--no-daemon", f"--port={self.port}", f"--listen-address={host}", "--bind-interfaces",
             "--user=", "--group=", "--pid-file=", "--auth-ttl=1", "--log-queries",
             *(f"--{record}" for record in records)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "started" not in line:
            raise RuntimeError(f"dnsmasq: {line}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, 2)
        self.process.stderr.close()
