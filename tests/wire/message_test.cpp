#include "wire/message.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "wire/golden_check.hpp"
#include "wire/ping.hpp"

namespace carillon::wire {
namespace {

using testing::expect_golden;
using testing::golden;
using testing::node;
using testing::resource;

Signature golden_signature() {
  return {{HashAlgorithm::sha256, SignatureAlgorithm::ecdsa},
          {CertHash{HashAlgorithm::sha256, Bytes(32, 0xaa)}},
          {0xde, 0xad, 0xbe, 0xef}};
}

ForwardingHeader golden_header() {
  ForwardingHeader header;
  header.overlay = overlay_hash("overlay.example.org");
  header.configuration_sequence = 258;
  header.length = 441;
  header.transaction_id = TransactionId{0x0102030405060708};
  header.max_response_length = 5000;
  header.via_list = {node(1), OpaqueId::from_u16(5)};
  header.destination_list = {node(2), OpaqueId{{0xab, 0xcd, 0xef}}, resource()};
  header.options = {{ForwardingOptionType::exp_forward, 0x04, {0xbe, 0xef}}};
  return header;
}

MessageContents golden_contents() {
  MessageContents contents = make_contents(PingReq{{0xca, 0xfe}});
  contents.extensions = {{MessageExtensionType::exp_ext, false, {1, 2, 3}}};
  return contents;
}

SecurityBlock golden_security_block() {
  return {{{CertificateType::x509, golden("certificate")}}, golden_signature()};
}

TEST(Golden, Header) {
  expect_golden("forwarding_header", golden_header());
}

TEST(Golden, Contents) {
  expect_golden("message_contents", golden_contents());
}

TEST(Golden, SecurityBlock) {
  expect_golden("security_block", golden_security_block());
}

TEST(Golden, Message) {
  expect_golden("message", Message{golden_header(), golden_contents(), golden_security_block()});
}

TEST(Golden, Signatures) {
  expect_golden("signature", golden_signature());
  expect_golden("signature_cert_hash_node_id",
                Signature{{HashAlgorithm::sha256, SignatureAlgorithm::rsa},
                          {CertHashNodeId{HashAlgorithm::sha1, Bytes(20, 0xbb)}},
                          {1, 2, 3, 4}});
  expect_golden("signature_none", Signature{});
  expect_golden("signature_unknown_identity",
                Signature{{HashAlgorithm::sha512, SignatureAlgorithm::rsa},
                          {UnknownSigner{SignerIdentityType{0x2a}, {0xc0, 0xff, 0xee}}},
                          {0x99}});
  EXPECT_TRUE(Signature{}.is_empty());
  EXPECT_FALSE(golden_signature().is_empty());
}

TEST(SplitMessage, LeavesThePayloadWhereItIs) {
  const Bytes octets = golden("message");
  const auto split = split_message(octets);
  ASSERT_TRUE(split.has_value());
  EXPECT_EQ(split->header, golden_header());
  EXPECT_EQ(split->payload.data(), octets.data() + 107);
  EXPECT_EQ(split->payload.size(), octets.size() - 107);

  const auto payload = split_payload(split->payload);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->contents, golden_contents());
  EXPECT_EQ(to_hex(payload->contents_octets), to_hex(golden("message_contents")));
  EXPECT_EQ(payload->contents_octets.data(), split->payload.data());
  EXPECT_EQ(payload->security_block, golden_security_block());
}

TEST(SplitMessage, TakesAFragment) {
  const Bytes octets = golden("fragment");
  const auto split = split_message(octets);
  ASSERT_TRUE(split.has_value()) << split.error().message();
  EXPECT_EQ(split->header.fragment, (Fragment{true, 256}));
  EXPECT_EQ(to_hex(split->payload), "c0ffee00");
  EXPECT_EQ(join_message(split->header, split->payload), octets);
  EXPECT_FALSE(decode_whole<Message>(octets).has_value());
}

TEST(SplitMessage, WantsTheLengthThatTheMessageHas) {
  Bytes octets = golden("message");
  octets.push_back(0);
  const auto split = split_message(octets);
  ASSERT_FALSE(split.has_value());
  EXPECT_EQ(split.error().message(),
            "malformed: ForwardingHeader.length at offset 16: is 441, the message has 442");
}

TEST(JoinMessage, SetsTheLength) {
  ForwardingHeader header = golden_header();
  header.length = 0;
  const Bytes payload = join_payload(encode(golden_contents()), golden_security_block());
  EXPECT_EQ(join_message(header, payload), golden("message"));
  EXPECT_EQ(encode(Message{header, golden_contents(), golden_security_block()}), golden("message"));
}

TEST(JoinMessage, RefusesAListThatDoesNotFit) {
  ForwardingHeader header;
  header.via_list.assign(3640, node(1));  // 3640 * 18 = 65520 octets
  EXPECT_TRUE(join_message(header, {}).has_value());
  header.via_list.emplace_back(node(1));
  const auto joined = join_message(header, {});
  ASSERT_FALSE(joined.has_value());
  EXPECT_EQ(joined.error().code, ErrorCode::too_large);
}

/// The golden message with one octet replaced, and what the decoder says about it.
std::string complaint(std::size_t offset, std::uint8_t value) {
  Bytes octets = golden("message");
  octets.at(offset) = value;
  const auto split = split_message(octets);
  return split ? "none" : split.error().message();
}

TEST(ForwardingHeader, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(
      complaint(0, 0x52),
      "malformed: ForwardingHeader.relo_token at offset 0: is 0x52454c4f, must be 0xd2454c4f");
  EXPECT_EQ(complaint(10, 0x01),
            "malformed: ForwardingHeader.version at offset 10: is 0x1, must be 0xa");
  EXPECT_EQ(complaint(12, 0x40),
            "malformed: ForwardingHeader.fragment at offset 12: has its high bit clear");
  // The first Via List entry becomes a resource, the node of the Destination List as well.
  EXPECT_EQ(complaint(38, 0x07), "none") << "an unknown type is kept";
  EXPECT_EQ(complaint(39, 0x11), "malformed: Destination at offset 56: 1 octets too many");
}

TEST(ForwardingHeader, AllowsAResourceOnlyAtTheEnd) {
  ForwardingHeader header;
  header.destination_list = {node(1), resource()};
  EXPECT_TRUE(split_message(*join_message(header, {})).has_value());
  header.destination_list = {resource(), node(1)};
  EXPECT_FALSE(split_message(*join_message(header, {})).has_value());
  header.destination_list = {node(1)};
  header.via_list = {resource()};
  EXPECT_FALSE(split_message(*join_message(header, {})).has_value());
}

TEST(ForwardingHeader, LengthMustCoverTheHeader) {
  Bytes octets = golden("message");
  octets[18] = 0;
  octets[19] = 106;
  Reader reader{octets};
  (void)ForwardingHeader::decode(reader);
  ASSERT_TRUE(reader.failed());
  EXPECT_EQ(reader.error().message(),
            "malformed: ForwardingHeader.length at offset 16: is 106, the header alone has 107");
}

TEST(Fragment, KeepsReservedBits) {
  const Bytes octets{0xbf, 0x01, 0x02, 0x03};
  const auto fragment = decode_whole<Fragment>(octets);
  ASSERT_TRUE(fragment.has_value());
  EXPECT_EQ(*fragment, (Fragment{false, 0x010203, 0x3f}));
  EXPECT_EQ(encode(*fragment), octets);
  EXPECT_EQ(to_hex(encode(Fragment{})), "c0000000");
  EXPECT_TRUE(Fragment{}.is_whole());
}

TEST(ForwardingOption, ACopyForTheResponseHasTheFlagsCleared) {
  const ForwardingOption option{ForwardingOptionType::exp_forward, 0x8f, {1}};
  EXPECT_TRUE(option.has(ForwardingFlag::forward_critical));
  EXPECT_TRUE(option.has(ForwardingFlag::destination_critical));
  EXPECT_TRUE(option.has(ForwardingFlag::response_copy));
  EXPECT_EQ(option.response_copy(),
            (ForwardingOption{ForwardingOptionType::exp_forward, 0x88, {1}}));
}

TEST(Destination, BothFormsOfAnOpaqueIdAreTheSame) {
  const auto compact = decode_whole<Destination>(Bytes{0x81, 0x23});
  const auto full = decode_whole<Destination>(Bytes{0x03, 0x03, 0x02, 0x81, 0x23});
  ASSERT_TRUE(compact.has_value());
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(*compact, *full);
  EXPECT_EQ(compact->type(), DestinationType::opaque_id_type);
  EXPECT_EQ(to_hex(encode(*compact)), "8123");
  EXPECT_EQ(to_hex(encode(*full)), "0303028123");
  EXPECT_EQ(to_hex(encode(Destination{OpaqueId::from_u16(0x0123)})), "8123");
}

TEST(Destination, RefusesWhatCannotBe) {
  EXPECT_FALSE(decode_whole<Destination>(Bytes{0x00, 0x00}).has_value()) << "type 0";
  EXPECT_FALSE(decode_whole<Destination>(Bytes{0x80}).has_value()) << "half a compact id";
  EXPECT_FALSE(decode_whole<Destination>(Bytes{0x01, 0x01, 0xff}).has_value()) << "a short node";
  EXPECT_FALSE(decode_whole<Destination>(Bytes{0x03, 0x02, 0x02, 0xff}).has_value())
      << "the inner length exceeds the outer one";
  const auto unknown = decode_whole<Destination>(Bytes{0x7f, 0x02, 0xca, 0xfe});
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(to_hex(encode(*unknown)), "7f02cafe");
}

}  // namespace
}  // namespace carillon::wire
