"""SIP messages as a phone writes and reads them (RFC 3261), and digest answers (RFC 7616, 8760)."""

import hashlib
import itertools
import re

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256,
           "SHA-512-256": lambda octets: hashlib.new("sha512_256", octets)}
_counter = itertools.count(1)


def unique(stem=""):
    """Never the same twice in this process, nor after a restart."""
    import os
    return f"{stem}{os.getpid():x}{next(_counter):x}{os.urandom(4).hex()}"


class Message:
    """A start line, headers in order, a body."""

    def __init__(self, start, headers=(), body=""):
        self.start = start
        self.headers = list(headers)
        self.body = body

    @staticmethod
    def parse(data):
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]
                   if ":" in line]
        return Message(lines[0], headers, body)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    @property
    def status(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else None

    @property
    def method(self):
        """Of the request, or of the request that this answers."""
        if self.status is None:
            return self.start.split()[0]
        return (self.get("CSeq") or "").rpartition(" ")[2]

    def encode(self):
        headers = self.headers + [("Content-Length", str(len(self.body.encode())))]
        return (self.start + "\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers) +
                "\r\n" + self.body).encode()

    def reply(self, status, reason, tag=None, extra=(), body=""):
        """The answer that a phone gives to this request (8.2.6)."""
        copied = [(key, value) for key, value in self.headers
                  if key.lower() in ("via", "from", "call-id", "cseq", "record-route")]
        to = self.get("To")
        if tag and ";tag=" not in to:
            to += f";tag={tag}"
        return Message(f"SIP/2.0 {status} {reason}", copied + [("To", to), *extra], body)

    def __str__(self):
        return self.encode().decode(errors="replace")


def split_stream(buffer):
    """Whole messages from the front of a TCP stream, and what remains."""
    messages = []
    while True:
        buffer = buffer.lstrip(b"\r\n")
        head, separator, _ = buffer.partition(b"\r\n\r\n")
        if not separator:
            return messages, buffer
        length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
        end = len(head) + 4 + (int(length.group(1)) if length else 0)
        if len(buffer) < end:
            return messages, buffer
        messages.append(Message.parse(buffer[:end]))
        buffer = buffer[end:]


def uri_of(header):
    """The URI within a name-addr or addr-spec."""
    inside = re.search(r"<([^>]*)>", header)
    return inside.group(1) if inside else header.split(";")[0].strip()


def challenges(response):
    """The parameters of each Digest challenge, in order."""
    found = []
    for name in ("WWW-Authenticate", "Proxy-Authenticate"):
        for value in response.all(name):
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "digest":
                found.append(parameters(rest))
    return found


def parameters(text):
    """Those of a challenge or an answer to one, quotes taken off."""
    return {key.lower(): quoted or plain for key, quoted, plain in
            re.findall(r'(\w+)=(?:"([^"]*)"|([^",\s]+))', text)}


def digest_response(answer, password, method):
    """What the response of an answer with qop=auth must be."""
    digest = lambda text: _HASHES[answer["algorithm"]](text.encode()).hexdigest()
    ha1 = digest(f"{answer['username']}:{answer['realm']}:{password}")
    ha2 = digest(f"{method}:{answer['uri']}")
    return digest(f"{ha1}:{answer['nonce']}:{answer['nc']}:{answer['cnonce']}:auth:{ha2}")


def digest_answer(challenge, user, password, method, uri, count=1):
    """The value of Authorization for a challenge, with qop=auth."""
    algorithm = challenge.get("algorithm", "MD5").upper()
    cnonce = unique()
    nc = f"{count:08x}"
    response = digest_response(
        {**challenge, "algorithm": algorithm, "username": user, "uri": uri, "cnonce": cnonce,
         "nc": nc}, password, method)
    opaque = f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else ""
    return (f'Digest username="{user}", realm="{challenge["realm"]}", '
            f'nonce="{challenge["nonce"]}", uri="{uri}", response="{response}", '
            f'algorithm={algorithm}, cnonce="{cnonce}", qop=auth, nc={nc}{opaque}')
