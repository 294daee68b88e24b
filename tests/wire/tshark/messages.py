"""Messages from the golden structures, put together here and not by Carillon's encoder."""

import os
import struct

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")

# (golden body, message_code, what tshark calls it)
BODIES = [
    ("probe_req", 0x01, "Probe Request"), ("probe_ans", 0x02, "Probe Response"),
    ("attach", 0x03, "Attach Request"), ("attach", 0x04, "Attach Response"),
    ("store_req", 0x07, "Store Request"), ("store_ans", 0x08, "Store Response"),
    ("fetch_req", 0x09, "Fetch Request"), ("fetch_ans", 0x0a, "Fetch Response"),
    ("find_req", 0x0d, "Find Request"), ("find_ans", 0x0e, "Find Response"),
    ("join_req", 0x0f, "Join Request"), ("join_ans", 0x10, "Join Response"),
    ("leave_req", 0x11, "Leave Request"), (None, 0x12, "Leave Response"),
    ("chord_update_full", 0x13, "Update Request"), (None, 0x14, "Update Response"),
    ("chord_update_neighbors", 0x13, "Update Request"), (None, 0x14, "Update Response"),
    ("chord_update_peer_ready", 0x13, "Update Request"), (None, 0x14, "Update Response"),
    ("route_query_req", 0x15, "RouteQuery Request"),
    ("route_query_ans", 0x16, "RouteQuery Response"),
    ("ping_req", 0x17, "Ping Request"), ("ping_ans", 0x18, "Ping Response"),
    ("stat_req", 0x19, "Stat Request"), ("stat_ans", 0x1a, "Stat Response"),
    ("app_attach", 0x1d, "AppAttach Request"), ("app_attach", 0x1e, "AppAttach Response"),
    ("config_update_req_config", 0x21, "ConfigUpdate Request"),
    (None, 0x22, "ConfigUpdate Response"),
    ("config_update_req_kind", 0x21, "ConfigUpdate Request"),
    ("error_forbidden", 0xffff, "Error Response Error_Forbidden"),
    ("ping_req", 0x17, "Ping Request"),
    ("error_generation", 0xffff, "Error Response Error_Generation_Counter_Too_Low"),
]


def golden(name):
    """The octets of golden/NAME.hex; see golden/README.md."""
    octets = b""
    with open(os.path.join(GOLDEN, name + ".hex"), encoding="ascii") as text:
        for line in text:
            for word in line.split(";")[0].split():
                octets += golden(word[1:]) if word[0] == "@" else bytes.fromhex(word)
    return octets


def message(code, body, transaction_id):
    """A whole message to node 2 (RFC 6940, 6.3)."""
    destination_list = bytes.fromhex("0110") + golden("node_2")
    contents = struct.pack(">HI", code, len(body)) + body + struct.pack(">I", 0)
    payload = contents + golden("security_block")
    length = 38 + len(destination_list) + len(payload)
    header = struct.pack(">IIHBBIIQIHHH", 0xd2454c4f, 0x9aa32b8d, 258, 0x0a, 100, 0xc0000000,
                         length, transaction_id, 0, 0, len(destination_list), 0)
    return header + destination_list + payload


def all_messages():
    """[(octets, tshark's name)]: a request and its answer share a transaction."""
    return [(message(code, golden(body) if body else b"", 0x1000 + number // 2), name)
            for number, (body, code, name) in enumerate(BODIES)]


_RAW_IP = 101


def _ip(protocol, segment):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, protocol, 0,
                       b"\x7f\0\0\1", b"\x7f\0\0\1") + segment


def udp(port, payload):
    return _ip(17, struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload)


def tcp(port, sequence, payload):
    return _ip(6, struct.pack(">HHIIBBHHH", port, port, sequence, 1, 0x50, 0x18, 65535, 0, 0)
               + payload)


def write_pcap(path, packets):
    with open(path, "wb") as capture:
        capture.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, _RAW_IP))
        for second, packet in enumerate(packets):
            capture.write(struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet)
