"""The client's side of a WebSocket for SIP (RFC 6455, RFC 7118), frame by frame."""

import base64
import os
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def request(host="example.org", protocol="sip", version="13", origin=None, key=None, extra=()):
    """The opening handshake. None leaves a header out."""
    key = base64.b64encode(os.urandom(16)).decode() if key is None else key
    headers = {"Host": host, "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
               "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": protocol,
               "Sec-WebSocket-Version": version, "Origin": origin, **dict(extra)}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode()


def frame(payload, opcode=TEXT, final=True, masked=True):
    first = (0x80 if final else 0) | opcode
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, mask_bit | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", first, mask_bit | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(octet ^ mask[i % 4] for i, octet in enumerate(payload))


def split(data):
    """([(opcode, payload)], the rest): the whole frames of a server in `data`."""
    frames = []
    while len(data) >= 2:
        length, start = data[1] & 0x7f, 2
        if length == 126:
            length, start = struct.unpack("!H", data[2:4])[0], 4
        elif length == 127:
            length, start = struct.unpack("!Q", data[2:10])[0], 10
        if len(data) < start + length:
            break
        frames.append((data[0] & 0x0f, data[start:start + length]))
        data = data[start + length:]
    return frames, data


def open_web_socket(connection, **options):
    """Shakes hands on a connected socket; what has come behind the answer."""
    connection.sendall(request(**options))
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = connection.recv(4096)
        if not more:
            break
        answer += more
    head, _, rest = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101 "):
        raise ConnectionRefusedError(head.decode())
    return rest
