"""A phone that does exactly what a test tells it, step by step, over UDP or on a connection."""

import select
import socket
import ssl
import time

from lab import web_socket
from lab.processes import LabError
from lab.sip import Message, challenges, digest_answer, split_stream, unique, uri_of

ANSWER_SECONDS = 15
LARGEST_DATAGRAM = 65535
SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 9 RTP/AVP 0\r\n")


def _under_tls(plain, trusted, server_name, version):
    """`version`: an ssl.TLSVersion, no other is spoken."""
    context = ssl.create_default_context(cafile=trusted)
    if version:
        context.minimum_version = context.maximum_version = version
    return context.wrap_socket(plain, server_hostname=server_name)


class Phone:
    """A user agent with one socket. `peer` is (host, port) of the peer it speaks to, `transport`
    one of udp, tcp, tls, ws and wss.

    Over TLS it trusts the certificates in the file `trusted` for the name `server_name`.
    """

    def __init__(self, user, peer, domain="example.org", password=None, transport="udp",
                 trusted=None, server_name="example.org", tls_version=None, address=None):
        self.user, self.domain, self.password = user, domain, password
        self.transport, self.peer = transport, peer
        self.call_id = unique("reg-")
        self.sequence = 0
        self.waiting, self.buffer = [], b""
        self.seen_requests = set()
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        v6 = ":" in peer[0]
        self.socket = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, kind)
        if transport == "udp":
            self.socket.bind((address or ("::1" if v6 else "127.0.0.1"), 0))
        else:
            self.socket.settimeout(ANSWER_SECONDS)
            # A port of our own: else two phones at different peers may get the same, and one contact.
            self.socket.bind(("", 0))
            self.socket.connect(peer)
        host, port = self.socket.getsockname()[:2]
        self.address = f"[{host}]:{port}" if v6 else f"{host}:{port}"
        if transport in ("tls", "wss"):
            self.socket = _under_tls(self.socket, trusted, server_name, tls_version)
        if transport in ("ws", "wss"):
            self.buffer = web_socket.open_web_socket(self.socket)
            self.address = unique() + ".invalid"  # A browser does not know its own (RFC 7118, 5).

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # What stands in messages.

    @property
    def aor(self):
        return f"sip:{self.user}@{self.domain}"

    @property
    def contact_uri(self):
        name = "ws" if self.transport == "wss" else self.transport
        suffix = f";transport={name}" if name != "udp" else ""
        return f"sip:{self.user}@{self.address}{suffix}"

    def via(self):
        return ("Via", f"SIP/2.0/{self.transport.upper()} {self.address};rport;"
                       f"branch=z9hG4bK{unique()}")

    def request(self, method, uri, to=None, call_id=None, sequence=None, extra=(), body=""):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        return Message(f"{method} {uri} SIP/2.0", [
            self.via(), ("Max-Forwards", "70"), ("From", f"<{self.aor}>;tag={unique()}"),
            ("To", f"<{to or uri}>"), ("Call-ID", call_id or unique()),
            ("CSeq", f"{sequence} {method}"), *extra], body)

    # Sending and receiving.

    def send(self, message, to=None):
        data = message if isinstance(message, bytes) else message.encode()
        if self.transport == "udp":
            self.socket.sendto(data, to or self.peer)
        elif self.transport in ("ws", "wss"):
            self.socket.sendall(web_socket.frame(data))
        else:
            self.socket.sendall(data)

    def _receive(self, seconds):
        pending = self.transport in ("tls", "wss") and self.socket.pending()
        if not pending and not select.select([self.socket], [], [], seconds)[0]:
            return
        if self.transport == "udp":
            data, source = self.socket.recvfrom(LARGEST_DATAGRAM)
            if not data.strip():
                return
            message = Message.parse(data)
            message.source = source
            self.waiting.append(message)
            return
        data = self.socket.recv(LARGEST_DATAGRAM)
        if not data:
            raise ConnectionResetError("the peer closed the flow")
        if self.transport in ("ws", "wss"):
            messages = self._unframed(data)
        else:
            messages, self.buffer = split_stream(self.buffer + data)
        for message in messages:
            message.source = self.peer
        self.waiting += messages

    def _unframed(self, data):
        frames, self.buffer = web_socket.split(self.buffer + data)
        if any(opcode == web_socket.CLOSE for opcode, _ in frames):
            raise ConnectionResetError("the peer closed the WebSocket")
        return [Message.parse(payload) for opcode, payload in frames
                if opcode in (web_socket.TEXT, web_socket.BINARY) and payload.strip()]

    def expect(self, what, seconds=ANSWER_SECONDS, method=None, call_id=None):
        """The next message that is `what`: a method name, a status or a set of them.

        Other messages stay for later calls; retransmitted requests are dropped.
        """
        wanted = what if isinstance(what, (set, range, tuple, list)) else {what}
        deadline = time.monotonic() + seconds
        while True:
            for message in list(self.waiting):
                if message.status is None and message.method != "ACK":
                    key = (message.get("Call-ID"), message.get("CSeq"), message.get("Via"))
                    if key in self.seen_requests:
                        self.waiting.remove(message)
                        continue
                kind = message.start.split()[0] if message.status is None else message.status
                if kind in wanted and method in (None, message.method) and \
                        call_id in (None, message.get("Call-ID")):
                    self.waiting.remove(message)
                    if message.status is None:
                        self.seen_requests.add(
                            (message.get("Call-ID"), message.get("CSeq"), message.get("Via")))
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                seen = [message.start for message in self.waiting]
                raise LabError(f"{self.user} waited {seconds} s for {what}; got {seen}")
            self._receive(left)

    def final(self, method, seconds=ANSWER_SECONDS):
        return self.expect(range(200, 700), seconds, method)

    def nothing_arrives(self, what, seconds):
        """True when `what` does not come within some time."""
        try:
            self.expect(what, seconds)
        except LabError:
            return True
        return False

    def closed_by_peer(self, seconds=ANSWER_SECONDS):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self._receive(deadline - time.monotonic())
            except (ConnectionResetError, BrokenPipeError):
                return True
        return False

    # What phones do.

    def authenticated(self, message, algorithm=None, user=None, password=None):
        """Sends a request, answers the challenge, returns the final response."""
        method, uri = message.start.split()[:2]
        self.send(message)
        response = self.final(method)
        if response.status not in (401, 407):
            return response
        offered = challenges(response)
        chosen = next((one for one in offered
                       if algorithm in (None, one.get("algorithm", "MD5").upper())), None)
        if chosen is None:
            raise LabError(f"no challenge for {algorithm} in {offered}")
        header = "Authorization" if response.status == 401 else "Proxy-Authorization"
        self.send(self.answered(message, header, digest_answer(
            chosen, user or self.user, password or self.password, method, uri)))
        return self.final(method)

    def answered(self, message, header, value):
        """The same request again as a new transaction, with credentials."""
        sequence, method = message.get("CSeq").split()
        self.sequence = max(self.sequence, int(sequence) + 1)
        headers = [self.via()] + [
            (key, text) if key != "CSeq" else (key, f"{int(sequence) + 1} {method}")
            for key, text in message.headers[1:] if key not in (header,)]
        return Message(message.start, headers + [(header, value)], message.body)

    def register_request(self, expires=3600, contact=None, to=None, extra=()):
        contacts = [("Contact", contact or f"<{self.contact_uri}>")] if contact != "" else []
        if expires is not None:
            contacts.append(("Expires", str(expires)))
        return self.request("REGISTER", f"sip:{self.domain}", to=to or self.aor,
                            call_id=self.call_id, extra=[*contacts, *extra])

    def register(self, expires=3600, contact=None, algorithm=None, to=None, extra=(), **who):
        """The final response to a REGISTER with digest; `contact=""` fetches the bindings."""
        return self.authenticated(self.register_request(expires, contact, to, extra), algorithm,
                                  **who)

    def bindings(self):
        """The contact URIs that the registrar has for this user."""
        response = self.register(expires=None, contact="")
        if response.status != 200:
            raise LabError(f"fetching bindings: {response.start}")
        return [uri_of(part) for value in response.all("Contact") for part in value.split(",")]

    def invite(self, uri, extra=()):
        """Calls; where the peer wants credentials, gives them."""
        call = Call(self, uri, extra)
        call.start()
        return call

    def call_user(self, user):
        return self.invite(f"sip:{user}@{self.domain}")

    def reply(self, request, status, reason="-", extra=(), body=""):
        """Answers a request as the called phone does; its tag stays the same within a call."""
        tag = "t" + str(abs(hash((self.user, self.address, request.get("Call-ID")))) % 10**9)
        if request.method == "INVITE" and status < 300:
            extra = [("Contact", f"<{self.contact_uri}>"), *extra]
        if request.method == "INVITE" and 200 <= status < 300:
            extra, body = [*extra, ("Content-Type", "application/sdp")], body or SDP
        self.send(request.reply(status, reason, tag, extra, body), getattr(request, "source", None))

    def bye_from_called(self, invite, tag_source, to=None):
        """BYE by the called phone, along the recorded route in the order received (12.1.1).

        `to`: where its topmost value leads, if that is a name.
        """
        routes = [("Route", part.strip()) for value in invite.all("Record-Route")
                  for part in value.split(",")]
        message = Message(f"BYE {uri_of(invite.get('Contact'))} SIP/2.0", [
            self.via(), ("Max-Forwards", "70"), ("From", tag_source.get("To")),
            ("To", invite.get("From")), ("Call-ID", invite.get("Call-ID")), ("CSeq", "7001 BYE"),
            *routes])
        if routes and to is None:
            # To the topmost route (12.2.1.1), which need not be the peer it registered at.
            host, port = uri_of(routes[0][1]).split(";")[0].split("@")[-1].split(":")[-2:]
            to = host.removeprefix("sip:"), int(port)
        self.send(message, to)
        return self.final("BYE")


class Call:
    """The calling side of a dialog (12.1.2)."""

    def __init__(self, phone, uri, extra=()):
        self.phone, self.uri, self.call_id = phone, uri, unique("call-")
        self.tag, self.sequence = unique(), 1
        self.answer = None
        self.message = Message(f"INVITE {uri} SIP/2.0", [
            phone.via(), ("Max-Forwards", "70"), ("From", f"<{phone.aor}>;tag={self.tag}"),
            ("To", f"<{uri}>"), ("Call-ID", self.call_id), ("CSeq", "1 INVITE"),
            ("Contact", f"<{phone.contact_uri}>"), *extra,
            ("Content-Type", "application/sdp")], SDP)

    def start(self):
        """Sends the INVITE; returns once the peer has taken it, or has failed it."""
        self.phone.send(self.message)
        response = self.phone.expect(range(100, 700), method="INVITE", call_id=self.call_id)
        if response.status != 407 or not self.phone.password:
            self.phone.waiting.insert(0, response)
            return
        self._acknowledge_failure(response)
        challenge = challenges(response)[0]
        self.message = self.phone.answered(
            self.message, "Proxy-Authorization",
            digest_answer(challenge, self.phone.user, self.phone.password, "INVITE", self.uri))
        self.sequence += 1
        self.phone.send(self.message)

    def expect(self, what, **options):
        response = self.phone.expect(what, method="INVITE", call_id=self.call_id, **options)
        if response.status >= 200:
            self.answer = response
            if response.status >= 300:
                self._acknowledge_failure(response)
        return response

    def final(self, **options):
        return self.expect(range(200, 700), **options)

    def _acknowledge_failure(self, response):
        """ACK hop by hop, with the branch of the INVITE (17.1.1.3)."""
        self.phone.send(Message(f"ACK {self.uri} SIP/2.0", [
            self.message.headers[0], ("Max-Forwards", "70"),
            ("From", self.message.get("From")), ("To", response.get("To")),
            ("Call-ID", self.call_id), ("CSeq", f"{self.sequence} ACK")]))

    def _in_dialog(self, method, sequence):
        target = uri_of(self.answer.get("Contact"))
        routes = [part.strip() for value in self.answer.all("Record-Route")
                  for part in value.split(",")]
        return Message(f"{method} {target} SIP/2.0", [
            self.phone.via(), ("Max-Forwards", "70"), ("From", self.message.get("From")),
            ("To", self.answer.get("To")), ("Call-ID", self.call_id),
            ("CSeq", f"{sequence} {method}"), *[("Route", part) for part in reversed(routes)]])

    def ack(self):
        self.phone.send(self._in_dialog("ACK", self.sequence))

    def bye(self):
        self.sequence += 1
        return self.phone.authenticated(self._in_dialog("BYE", self.sequence))

    def cancel(self):
        """With the branch of the INVITE (9.1); returns the answer to the CANCEL itself."""
        self.phone.send(Message(f"CANCEL {self.uri} SIP/2.0", [
            self.message.headers[0], ("Max-Forwards", "70"),
            ("From", self.message.get("From")), ("To", self.message.get("To")),
            ("Call-ID", self.call_id), ("CSeq", f"{self.sequence} CANCEL")]))
        return self.phone.final("CANCEL")
