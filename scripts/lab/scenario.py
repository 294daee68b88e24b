"""SIPp scenarios, put together from steps: what a phone sends, and what it wants to see."""

import os
import xml.sax.saxutils

SDP = ("v=0\no=- 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\n"
       "t=0 0\nm=audio [media_port] RTP/AVP 0\n")
VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport"
FROM = "From: <sip:[service]@[domain]>;tag=[pid]c[call_number]"
CONTACT = "Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>"


class Scenario:
    """Steps in the order in which they happen."""

    def __init__(self, name):
        self.name, self.steps, self.variables = name, [], []

    def write(self, directory):
        """The path of the scenario, for Sipp."""
        path = os.path.join(directory, self.name + ".xml")
        reference = f'  <Reference variables="{",".join(self.variables)}"/>\n' if self.variables else ""
        with open(path, "w", encoding="ascii") as text:
            text.write(f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="{self.name}">\n' +
                       "".join(self.steps) + reference + "</scenario>\n")
        return path

    def pause(self, milliseconds):
        self.steps.append(f'  <pause milliseconds="{milliseconds}"/>\n')
        return self

    def _send(self, lines, body="", again=True):
        if body:
            lines = [*lines, "Content-Type: application/sdp" if body == SDP else
                     "Content-Type: text/plain"]
        # The first line begins where the section does, or SIPp sends a blank one.
        text = "\n".join([*lines, "Content-Length: [len]", "", body])
        retrans = ' retrans="500"' if again else ""
        self.steps.append(f"  <send{retrans}><![CDATA[\n{text}\n]]></send>\n")

    def _receive(self, what, checks, extra="", keep=()):
        """`checks`: (header, regular expression) each, or (None, expression) for the whole."""
        actions = ""
        for header, expression in checks:
            variable = f"v{len(self.variables)}"
            self.variables.append(variable)
            where = f'search_in="hdr" header="{header}:"' if header else 'search_in="msg"'
            quoted = xml.sax.saxutils.quoteattr(expression)
            actions += (f'      <ereg regexp={quoted} {where} check_it="true" '
                        f'assign_to="{variable}"/>\n')
        for header, number, variable in keep:
            actions += (f'      <ereg regexp=".*" search_in="hdr" header="{header}:" '
                        f'occurence="{number}" assign_to="{variable}"/>\n')
        if actions:
            actions = f"\n    <action>\n{actions}    </action>\n  "
        self.steps.append(f"  <recv {what}{extra}>{actions}</recv>\n")


class Caller(Scenario):
    """A phone of [service] that asks for something, with its password."""

    def __init__(self, name, uri="sip:[called]@[domain]"):
        super().__init__(name)
        self.uri, self.sequence, self.method = uri, 0, None

    def _request(self, method, headers, body, more=()):
        self.sequence += 1
        self.method = method
        self._send([f"{method} {self.uri} SIP/2.0", VIA, "Max-Forwards: 70", FROM,
                    f"To: <{self.uri}>", "Call-ID: [call_id]", f"CSeq: {self.sequence} {method}",
                    CONTACT, *more, *headers], body)

    def ask(self, method, headers=(), body=""):
        """The request, the challenge, and the request with credentials."""
        body = body or (SDP if method == "INVITE" else "")
        self._request(method, headers, body)
        self.expect(407, extra=' auth="true"')
        if method == "INVITE":
            self.ack_failure()
        self._request(method, headers, body, ["[authentication]"])
        return self

    def ask_once(self, method, headers=(), body=""):
        self._request(method, headers, body or (SDP if method == "INVITE" else ""))
        return self

    def expect(self, status, *checks, extra=""):
        if self.method == "INVITE":
            for provisional in (100, 180):
                if status != provisional:
                    self.steps.append(f'  <recv response="{provisional}" optional="true"/>\n')
        self._receive(f'response="{status}"', checks, ' rrs="true"' + extra)
        return self

    def refused(self, status, *checks):
        """A final answer to an INVITE, which wants an ACK."""
        self.expect(status, *checks)
        return self.ack_failure()

    def ack_failure(self):
        self._send([f"ACK {self.uri} SIP/2.0", "[last_Via:]", "Max-Forwards: 70", "[last_From:]",
                    "[last_To:]", "Call-ID: [call_id]", f"CSeq: {self.sequence} ACK"], again=False)
        return self

    def in_dialog(self, method, headers=(), body=""):
        if method != "ACK":
            self.sequence += 1
            self.method = method
        self._send([f"{method} [next_url] SIP/2.0", VIA, "Max-Forwards: 70", "[routes]", FROM,
                    f"To: <{self.uri}>[peer_tag_param]", "Call-ID: [call_id]",
                    f"CSeq: {self.sequence} {method}", CONTACT, *headers], body,
                   again=method != "ACK")
        return self

    def answered(self, *checks):
        """200 and ACK."""
        return self.expect(200, *checks).in_dialog("ACK")

    def hang_up(self):
        return self.in_dialog("BYE").expect(200)


class Called(Scenario):
    """A phone that is asked."""

    def expect(self, request, *checks):
        keep = (("Via", 1, "via"), ("Via", 2, "second_via"), ("CSeq", 1, "cseq")) \
            if request == "INVITE" else ()
        if keep and "via" not in self.variables:
            self.variables += ["via", "second_via", "cseq"]
        extra = ' rrs="true"' if request in ("INVITE", "SUBSCRIBE") else ""
        self._receive(f'request="{request}"', checks, extra, keep)
        return self

    def answer(self, status, reason="-", headers=(), body=""):
        self._send([f"SIP/2.0 {status} {reason}", "[last_Via:]", "[last_Record-Route:]",
                    "[last_From:]", "[last_To:];tag=[pid]a[call_number]", "[last_Call-ID:]",
                    "[last_CSeq:]", CONTACT, *headers], body, again=False)
        return self

    def answer_in_dialog(self, status=200, headers=()):
        self._send([f"SIP/2.0 {status} -", "[last_Via:]", "[last_From:]", "[last_To:]",
                    "[last_Call-ID:]", "[last_CSeq:]", CONTACT, *headers], again=False)
        return self

    def cancelled(self):
        """A CANCEL comes; the INVITE, which had two Vias, ends with 487."""
        self.expect("CANCEL").answer(200)
        self._send(["SIP/2.0 487 Request Terminated", "Via:[$via]", "Via:[$second_via]",
                    "[last_From:]", "[last_To:];tag=[pid]a[call_number]", "[last_Call-ID:]",
                    "CSeq:[$cseq]"])
        return self.expect("ACK")

    def refuse(self, status):
        return self.expect("INVITE").answer(status).expect("ACK")

    def take_call(self):
        """Rings, answers and is hung up on."""
        self.expect("INVITE").answer(180).pause(50).answer(200, body=SDP).expect("ACK")
        return self.expect("BYE").answer_in_dialog()
