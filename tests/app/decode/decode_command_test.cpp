#include "app/decode/decode_command.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "wire/framed_message.hpp"
#include "wire/message.hpp"
#include "wire/message_body.hpp"
#include "wire/sip_registration.hpp"

namespace carillon::app {
namespace {

struct Outcome {
  int code{};
  std::string out{};
  std::string err{};

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
};

Outcome run(const DecodeOptions& options, const std::string& input = {}) {
  std::istringstream in{input};
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_decode(options, in, out, err);
  return {code, out.str(), err.str()};
}

Outcome decode(ByteView octets) {
  return run({.hex = to_hex(octets)});
}

Outcome reencode(ByteView octets) {
  return run({.hex = to_hex(octets), .reencode = true});
}

wire::Message message_with(wire::MessageContents contents) {
  wire::Message message;
  message.header.overlay = wire::overlay_hash("overlay.example.org");
  message.header.destination_list = {NodeId::wildcard()};
  message.contents = std::move(contents);
  return message;
}

Bytes ping() {
  return wire::encode(message_with(wire::make_contents(wire::PingReq{{0xca, 0xfe}})));
}

TEST(Decode, PrintsTheFieldsOfTheRfc) {
  const Outcome outcome = decode(ping());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["forwarding_header"]["relo_token"], "0xd2454c4f");
  EXPECT_EQ(json["forwarding_header"]["overlay"], "0x9aa32b8d");
  EXPECT_EQ(json["forwarding_header"]["ttl"], 100);
  EXPECT_EQ(json["forwarding_header"]["length"], ping().size());
  EXPECT_EQ(json["forwarding_header"]["destination_list"][0]["type"], "node");
  EXPECT_EQ(json["forwarding_header"]["destination_list"][0]["node_id"], std::string(32, 'f'));
  EXPECT_EQ(json["message_contents"]["message_code"], "ping_req");
  EXPECT_EQ(json["message_contents"]["message_body"]["padding"], "cafe");
  EXPECT_EQ(json["security_block"]["signature"]["identity"]["identity_type"], "none");
  EXPECT_TRUE(outcome.err.empty());
}

TEST(Decode, ReencodesWhatItDecoded) {
  const Outcome outcome = reencode(ping());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, to_hex(ping()) + "\n");
}

TEST(Decode, ReadsStandardInput) {
  const Outcome outcome = run({.hex = "-", .reencode = true}, " " + to_hex(ping()) + "\n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, to_hex(ping()) + "\n");
}

TEST(Decode, Frames) {
  const Bytes message = ping();
  const Bytes data = wire::encode(wire::FramedMessage{wire::DataFrame{9, message}});
  const Outcome outcome = run({.hex = to_hex(data), .framed = true});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["type"], "data");
  EXPECT_EQ(outcome.json()["sequence"], 9);
  EXPECT_EQ(outcome.json()["message"]["message_contents"]["message_code"], "ping_req");
  EXPECT_EQ(run({.hex = to_hex(data), .framed = true, .reencode = true}).out, to_hex(data) + "\n");

  const Outcome ack = run({.hex = "810000000700000029", .framed = true});
  EXPECT_EQ(ack.json()["type"], "ack");
  EXPECT_EQ(ack.json()["ack_sequence"], 7);
  EXPECT_EQ(ack.json()["received"], "0x00000029");
  EXPECT_EQ(run({.hex = "810000000700000029", .framed = true, .reencode = true}).out,
            "810000000700000029\n");
}

TEST(Decode, Fragments) {
  wire::ForwardingHeader header;
  header.fragment = {false, 0};
  const Bytes octets = wire::join_message(header, Bytes{1, 2, 3}).value();
  const Outcome outcome = decode(octets);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["forwarding_header"]["fragment"], "0x80000000");
  EXPECT_EQ(outcome.json()["fragment"], "010203");
  EXPECT_EQ(reencode(octets).out, to_hex(octets) + "\n");
}

TEST(Decode, ShowsWhatIsInsideAStoredValue) {
  const wire::SipRegistration registration{
      wire::SipRegistrationUri{to_bytes(as_bytes("bob@example.org"))}};
  const wire::StoredData data{
      1000, 60, {wire::DictionaryEntry{{1}, {true, wire::encode(registration)}}}, {}, {}};
  const Bytes octets = wire::encode(message_with(wire::make_contents(
      wire::StoreReq{ResourceId{Bytes(16, 1)}, 0, {{KindId::sip_registration, 3, {data}}}})));
  const auto json = decode(octets).json();
  const auto& kind_data = json["message_contents"]["message_body"]["kind_data"][0];
  EXPECT_EQ(kind_data["kind"], "SIP-REGISTRATION");
  EXPECT_EQ(kind_data["generation_counter"], 3);
  const auto& entry = kind_data["values"][0]["value"]["dictionary_entry"];
  EXPECT_EQ(entry["key"], "01");
  EXPECT_EQ(entry["value"]["exists"], true);
  EXPECT_EQ(entry["value"]["SipRegistration"]["uri"], "bob@example.org");
  EXPECT_EQ(reencode(octets).out, to_hex(octets) + "\n");
}

TEST(Decode, ShowsWhatIsInsideAnError) {
  const auto body = [](wire::ErrorResponseCode code, Bytes info) {
    return decode(wire::encode(message_with(
                      wire::make_contents(wire::ErrorResponse{code, std::move(info)}))))
        .json()["message_contents"]["message_body"];
  };
  const auto text = body(wire::ErrorResponseCode::forbidden, to_bytes(as_bytes("no")));
  EXPECT_EQ(text["error_code"], "Error_Forbidden");
  EXPECT_EQ(text["error_info"], "no");
  const auto kinds = body(wire::ErrorResponseCode::unknown_kind,
                          wire::encode(wire::UnknownKinds{{KindId{0xf0abcdef}}}));
  EXPECT_EQ(kinds["unknown_kinds"][0], 0xf0abcdefU);
  const auto counter = body(wire::ErrorResponseCode::generation_counter_too_low,
                            wire::encode(wire::StoreAns{{{KindId::turn_service, 8, {}}}}));
  EXPECT_EQ(counter["StoreAns"]["kind_responses"][0]["generation_counter"], 8);
  const auto binary = body(wire::ErrorResponseCode::forbidden, {0xff, 0x00});
  EXPECT_EQ(binary["error_info"]["hex"], "ff00");
}

TEST(Decode, AnUnknownMessageCodeIsShownAsOctets) {
  const Bytes octets = wire::encode(message_with({wire::MessageCode{0x1234}, {0xca, 0xfe}, {}}));
  const auto json = decode(octets).json();
  EXPECT_EQ(json["message_contents"]["message_code"], 0x1234);
  EXPECT_EQ(json["message_contents"]["message_body"], "cafe");
  EXPECT_EQ(reencode(octets).out, to_hex(octets) + "\n");
}

void expect_one_line(const Outcome& outcome, const std::string& line) {
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.out.empty());
  EXPECT_EQ(outcome.err, line + "\n");
}

TEST(Decode, SaysInOneLineWhatIsWrongAndWhere) {
  expect_one_line(run({.hex = ""}),
                  "carillon decode: malformed: ForwardingHeader.relo_token at offset 0: "
                  "needs 4 octets, 0 left");
  expect_one_line(run({.hex = "zz"}),
                  "carillon decode: malformed: hex at offset 0: not a hexadecimal digit");
  expect_one_line(run({.hex = "16", .framed = true}),
                  "carillon decode: malformed: FramedMessage.type at offset 0: is 0x16, must be "
                  "0x80 (data) or 0x81 (ack)");
}

TEST(Decode, CountsOffsetsFromTheStartOfTheInput) {
  // The length of the padding, at 38 + 18 (a node) + 6, is one too large; then the same, framed.
  Bytes octets = ping();
  octets.at(63) = 3;
  expect_one_line(
      decode(octets),
      "carillon decode: malformed: PingReq.padding at offset 64: needs 3 octets, 2 left");
  const Bytes data = wire::encode(wire::FramedMessage{wire::DataFrame{0, octets}});
  expect_one_line(
      run({.hex = to_hex(data), .framed = true}),
      "carillon decode: malformed: PingReq.padding at offset 72: needs 3 octets, 2 left");
  Bytes cut = ping();
  cut.resize(cut.size() - 1);
  EXPECT_EQ(decode(cut).code, 1);
}

}  // namespace
}  // namespace carillon::app
