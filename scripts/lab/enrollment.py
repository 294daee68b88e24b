"""An enrollment server beside a peer, and a client that speaks to it as RFC 6940 has it."""

import collections
import http.client
import json
import os
import socket
import ssl
import subprocess

from lab.overlay import run
from lab.processes import LabError, free_port, program, start, stop

BOUNDARY = "lab-boundary"
Answer = collections.namedtuple("Answer", "status content_type body reason")


class EnrollmentServer:
    """One `carillon enrollment-server` process; its peer is asked over the control socket."""

    def __init__(self, overlay, peer, host="127.0.0.1"):
        self.overlay, self.host = overlay, host
        self.control = peer.control
        self.process = None
        self.address = None
        self.options = []
        self.log_path = os.path.join(overlay.directory, f"enrollment{os.urandom(4).hex()}.log")
        # Known beforehand, so that a newcomer can be told of a server that comes later.
        self.port = free_port(socket.SOCK_STREAM)

    @property
    def url(self):
        return f"https://{self.host}:{self.port}"

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = start([program(), "enrollment-server", "--overlay", self.overlay.home,
                                  "--listen", f"{self.host}:{self.port}", "--control", self.control,
                                  *self.options],
                                 stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise LabError(f"the enrollment server did not start: {self.log()}")
        self.address = json.loads(line[len("ready "):])["https"]
        return self

    def stop(self):
        if self.process is not None:
            stop(self.process)
            self.process.stdout.close()

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def token(self, *options):
        return run("token", "add", "--overlay", self.overlay.home, *options).strip()

    @staticmethod
    def form(fields, csr):
        """(body, content type) of a form with a certificate signing request."""
        body = b""
        for name, value in fields.items():
            body += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n"
                     f"{value}\r\n").encode()
        body += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"csr\"; "
                 "filename=\"csr.der\"\r\nContent-Type: application/pkcs10\r\n\r\n").encode()
        body += csr + f"\r\n--{BOUNDARY}--\r\n".encode()
        return body, f"multipart/form-data; boundary={BOUNDARY}"

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, form, accept="application/pkix-cert"):
        body, content_type = form
        return self._ask("POST", path, body, {"Content-Type": content_type, "Accept": accept})

    def _ask(self, method, path, body=None, headers=None):
        context = ssl.create_default_context(cafile=os.path.join(self.overlay.home, "root.crt"))
        connection = http.client.HTTPSConnection(self.host, self.port, context=context,
                                                 timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Content-Type"), response.read(),
                          response.getheader("Carillon-Reason") or "")
        finally:
            connection.close()
