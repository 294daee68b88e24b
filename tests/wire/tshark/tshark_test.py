"""tshark's reload dissector, which was written by others, reads the same from the golden messages."""

import json
import os
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from messages import all_messages, golden, tcp, udp, write_pcap

DECODER = os.environ.get("CARILLON_DECODER")
MESSAGES_PORT, FRAMES_PORT = 16084, 16085  # Only numbers in a file: nothing listens.
MAPPING = f"""
DissectorTable.get("udp.port"):add({MESSAGES_PORT}, Dissector.get("reload"))
DissectorTable.get("tcp.port"):add({FRAMES_PORT}, Dissector.get("reload-framing"))
"""

# tshark's own: it calls the identity type "none" (7.4.2.2) unknown.
KNOWN_COMPLAINTS = {"Unknown identity type"}

# How to compare one of our fields with tshark's octets ("value") or text.
NUMBER, HEX, NAME, BOOLEAN, ADDRESS = "number", "hex", "name", "boolean", "address"

# tshark's field: (our fields that it stands for, how to compare). In the order of the wire.
FIELDS = {
    "reload.forwarding.token": (["relo_token"], NUMBER),
    "reload.forwarding.overlay": (["overlay"], NUMBER),
    "reload.forwarding.configuration_sequence": (["configuration_sequence"], NUMBER),
    "reload.forwarding.version": (["version"], NUMBER),
    "reload.forwarding.ttl": (["ttl"], NUMBER),
    "reload.forwarding.fragment": (["fragment"], NUMBER),
    "reload.forwarding.trans_id": (["transaction_id"], NUMBER),
    "reload.forwarding.max_response_length": (["max_response_length"], NUMBER),
    "reload.forwarding.via_list.length": (["via_list_length"], NUMBER),
    "reload.forwarding.destination_list.length": (["destination_list_length"], NUMBER),
    "reload.forwarding.options.length": (["options_length"], NUMBER),
    "reload.destination.data.nodeid": (["node_id"], HEX),
    "reload.message.code": (["message_code"], NAME),
    "reload.message_extension.type": (["extensions.type"], NUMBER),
    "reload.certificate.type": (["certificates.type"], NAME),
    "reload.hash_algorithm": (["algorithm.hash", "hash_algorithm"], NAME),
    "reload.signature_algorithm": (["algorithm.signature"], NAME),
    "reload.signature.identity.type": (["identity_type"], NAME),
    "reload.signeridentityvalue.hash_alg": (["hash_alg"], NAME),
    "reload.probe_information.type": (["probe_info.type", "requested_info"], NAME),
    "reload.uptime": (["uptime"], NUMBER),
    "reload.ipv4addr": (["v4addr_port.addr"], ADDRESS),
    "reload.ipv6addr": (["v6addr_port.addr"], ADDRESS),
    "reload.port": (["port"], NUMBER),
    "reload.overlaylink.type": (["overlay_link"], NAME),
    "reload.icecandidate.type": (["candidates.type"], NAME),
    "reload.sendupdate": (["send_update"], BOOLEAN),
    "reload.application": (["application"], NUMBER),
    "reload.store.replica_number": (["replica_number"], NUMBER),
    "reload.kinddata.kind": (["kind"], NAME),
    "reload.kindid": (["kinds"], NAME),
    "reload.generation_counter": (["generation_counter", "generation"], NUMBER),
    "reload.storeddata.storage_time": (["storage_time"], NUMBER),
    "reload.storeddata.lifetime": (["lifetime"], NUMBER),
    "reload.datavalue.exists": (["exists"], BOOLEAN),
    "reload.arrayentry.index": (["index"], NUMBER),
    "reload.metadata.value_length": (["single_value_entry.value_length", "value.value_length"],
                                     NUMBER),
    "reload.nodeid": (["key", "replicas", "predecessors", "successors", "fingers"], HEX),
    "reload.sipregistration.type": (["SipRegistration.type"], NAME),
    "reload.turnserver.iteration": (["iteration"], NUMBER),
    "reload.joinreq.joining_peer_id": (["joining_peer_id"], HEX),
    "reload.leavereq.leaving_peer_id": (["leaving_peer_id"], HEX),
    "reload.chordleavedata.type": (["ChordLeaveData.type"], NAME),
    "reload.chordroutequeryans.nodeid": (["next_peer"], HEX),
    "reload.ping.response_id": (["response_id"], NUMBER),
    "reload.ping.time": (["time"], NUMBER),
    "reload.error_response.code": (["error_code"], NAME),
}


def leaves(node, path=()):
    """[(path, value)] of a JSON document; places in lists are not part of the path."""
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, path + (key,))]
    if isinstance(node, list):
        return [leaf for value in node for leaf in leaves(value, path)]
    return [(".".join(path), node)]


def ours(document, names):
    """The values of the fields so named, in the order of the wire."""
    return [value for path, value in leaves(document)
            if any(("." + path).endswith("." + name) for name in names)]


def document_code(document):
    return ours(document, ["message_code"])[0]


def agrees(value, field, how):
    if how == NUMBER:
        return int(str(value), 0) == int(field.get("value"), 16)
    if how == HEX:
        return value == field.get("value")
    if how == BOOLEAN:
        return int(value) == int(field.get("value"), 16)
    if how == ADDRESS:
        return value == field.get("show")
    # An enum: by name, or by number where the RFC has no name.
    if isinstance(value, int):
        return value == int(field.get("value"), 16)
    return value.lower() in field.get("showname").lower()


def decode(octets, *options):
    run = subprocess.run([DECODER, *options], input=octets.hex(), capture_output=True, text=True,
                         check=False)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return json.loads(run.stdout)


def dissect(packets):
    """tshark's description of each packet, as XML elements."""
    with tempfile.TemporaryDirectory() as directory:
        script, capture = (os.path.join(directory, name) for name in ("ports.lua", "golden.pcap"))
        with open(script, "w", encoding="ascii") as lua:
            lua.write(MAPPING)
        write_pcap(capture, packets)
        xml = subprocess.run(["tshark", "-X", f"lua_script:{script}", "-r", capture, "-T", "pdml"],
                             capture_output=True, check=True).stdout
    return ElementTree.fromstring(xml).findall("packet")


class Tshark(unittest.TestCase):
    def assert_agrees(self, packet, document):
        fields = list(packet.iter("field"))
        complaints = {field.get("show") for field in fields
                      if field.get("name") == "_ws.expert.message"}
        self.assertLessEqual(complaints, KNOWN_COMPLAINTS)
        self.assertNotIn("_ws.malformed", {proto.get("name") for proto in packet.iter("proto")})
        for name, (our_names, how) in FIELDS.items():
            theirs = [field for field in fields if field.get("name") == name]
            values = ours(document, our_names)
            if document_code(document) == "config_update_req" and name == "reload.kindid":
                continue  # There `kinds` are descriptions.
            self.assertEqual(len(values), len(theirs), name)
            for value, field in zip(values, theirs):
                self.assertTrue(agrees(value, field, how),
                                f"{name}: we say {value}, tshark {field.get('showname')}")
            self.compared[name] = self.compared.get(name, 0) + len(theirs)
        # What is opaque stands somewhere in ours, octet for octet.
        text = json.dumps(document)
        for field in fields:
            if field.get("name") == "reload.opaque.data":
                octets = bytes.fromhex(field.get("value"))
                self.assertTrue(octets.hex() in text or octets.decode("latin-1") in text,
                                field.get("showname"))
            elif field.get("name") == "reload.opaque.string":
                self.assertIn(bytes.fromhex(field.get("value")).decode("ascii"), text)

    def setUp(self):
        self.compared = {}

    def test_every_message(self):
        messages = all_messages()
        packets = dissect([udp(MESSAGES_PORT, octets) for octets, _ in messages])
        self.assertEqual(len(packets), len(messages))
        for packet, (octets, name) in zip(packets, messages):
            with self.subTest(name):
                shown = " ".join(field.get("showname", "") for field in packet.iter("field"))
                self.assertIn(f"ForwardingHeader: {name}", shown)
                self.assert_agrees(packet, decode(octets))
        # The table is of use only as long as tshark's names are right.
        unseen = {"reload.message_extension.type"}  # in the framed message, below
        self.assertEqual({name for name, count in self.compared.items() if count == 0}, unseen)

    def test_a_message_with_everything_in_its_header(self):
        frames = [golden("framed_data"), golden("framed_ack")]
        data, ack = dissect([tcp(FRAMES_PORT, 1, frames[0]),
                             tcp(FRAMES_PORT, 1 + len(frames[0]), frames[1])])
        document = decode(frames[0], "--framed")
        self.assert_agrees(data, document)
        fields = {field.get("name"): field for field in data.iter("field")}
        self.assertEqual(int(fields["reload_framing.sequence"].get("value"), 16),
                         document["sequence"])
        self.assertEqual(fields["reload.forwarding.destination.compressed_id"].get("value"),
                         document["message"]["forwarding_header"]["via_list"][1]["opaque_id"])
        option = document["message"]["forwarding_header"]["options"][0]
        self.assertEqual(int(fields["reload.forwarding.option.flags"].get("value"), 16),
                         option["flags"])
        self.assertIn(option["option"], json.dumps([field.get("value") for field in
                                                    data.iter("field")]))

        document = decode(frames[1], "--framed")
        fields = {field.get("name"): field for field in ack.iter("field")}
        self.assertEqual(int(fields["reload_framing.ack_sequence"].get("value"), 16),
                         document["ack_sequence"])
        # 7 arrived, and before it the last, the fourth to last and the sixth to last.
        self.assertEqual(fields["reload_framing.parsed_received"].get("showname"),
                         "Acked Frames:[1,3,6]")

    def test_a_fragment(self):
        octets = golden("fragment")
        (packet,) = dissect([udp(MESSAGES_PORT, octets)])
        document = decode(octets)
        fields = {field.get("name"): field for field in packet.iter("field")}
        self.assertEqual(fields["reload.forwarding.fragment.offset"].get("show"), "256")
        self.assertEqual(fields["reload.forwarding.fragment.last"].get("show"), "1")
        self.assertEqual(document["forwarding_header"]["fragment"], "0xc0000100")
        self.assertEqual(document["fragment"], "c0ffee00")


if __name__ == "__main__":
    unittest.main()
