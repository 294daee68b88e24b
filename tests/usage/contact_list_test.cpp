#include "usage/sip/contact_list.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "base/hex.hpp"

namespace carillon::usage {
namespace {

using testing::HasSubstr;

sip::Binding phone() {
  return {.contact = "sip:alice@192.0.2.7",
          .q_thousandths = 700,
          .call_id = "abc@192.0.2.7",
          .cseq = 5,
          .instance = "<urn:uuid:1>",
          .reg_id = 2,
          .path = {"<sip:edge.example.org;lr>", "<sip:edge2.example.org;lr>"},
          .received = "udp:192.0.2.7:5060",
          .flow_token = "t0ken",
          .updated = wall_time(1'000),
          .expires = wall_time(2'000),
          .granted_s = 60};
}

sip::OwnEntry entry() {
  return {.bindings = {phone(), {.contact = "sip:a@b"}},
          .removals = {{.contact = "sip:old@b",
                        .instance = "",
                        .reg_id = 0,
                        .at = wall_time(5),
                        .expires = wall_time(6)},
                       {}},
          .peer_address = {"192.0.2.1", 5061}};
}

TEST(ContactListTest, GoldenOctets) {
  const sip::OwnEntry small{.bindings = {{.contact = "sip:a@b",
                                          .q_thousandths = 1000,
                                          .call_id = "i",
                                          .cseq = 1,
                                          .updated = wall_time(0x0102),
                                          .expires = wall_time(0x0304),
                                          .granted_s = 60}},
                            .removals = {{.at = wall_time(1), .expires = wall_time(2)}},
                            .peer_address = {"::1", 5061}};
  EXPECT_EQ(to_hex(*encode_contact_list(small)),
            "01"
            "13c5"
            "03"
            "3a3a31"
            "0001"
            "0030"
            "0000000000000102"
            "0000000000000304"
            "0000003c"
            "03e8"
            "00000001"
            "00000000"
            "0007"
            "7369703a614062"
            "0001"
            "69"
            "0000"
            "00"
            "0000"
            "00"
            "0001"
            "0018"
            "0000000000000001"
            "0000000000000002"
            "00000000"
            "0000"
            "0000");
  EXPECT_EQ(decode_contact_list(*encode_contact_list(small)), small);
}

TEST(ContactListTest, RoundTrip) {
  for (const auto& one : {sip::OwnEntry{}, entry()})
    EXPECT_EQ(decode_contact_list(*encode_contact_list(one)), one);
}

TEST(ContactListTest, EveryTruncationIsMalformed) {
  const Bytes whole = *encode_contact_list(entry());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto decoded = decode_contact_list(ByteView{whole}.first(size));
    ASSERT_FALSE(decoded) << "at " << size;
    EXPECT_EQ(decoded.error().code, ErrorCode::malformed);
    EXPECT_LE(decoded.error().offset, size);
  }
}

TEST(ContactListTest, WhatLaterVersionsAddIsSkipped) {
  sip::OwnEntry one{.bindings = {phone()}, .removals = {}, .peer_address = {}};
  Bytes octets = *encode_contact_list(one);
  octets.insert(octets.end(), {1, 2, 3});
  EXPECT_EQ(decode_contact_list(octets), one) << "at the end of the list";
  octets = *encode_contact_list(one);
  const std::size_t size_at = 1 + 2 + 1 + 2;
  octets.insert(octets.end() - 2, {9, 9});  // Before the count of removals.
  octets[size_at + 1] = static_cast<std::uint8_t>(octets[size_at + 1] + 2);
  EXPECT_EQ(decode_contact_list(octets), one) << "at the end of a binding";
}

TEST(ContactListTest, ALaterVersionIsRefused) {
  Bytes octets = *encode_contact_list(entry());
  octets[0] = 2;
  const auto decoded = decode_contact_list(octets);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message(), HasSubstr("version"));
}

TEST(ContactListTest, BoundsOnBothSides) {
  sip::OwnEntry many;
  many.bindings.resize(max_listed_bindings + 1);
  EXPECT_EQ(encode_contact_list(many).error().code, ErrorCode::too_large);
  sip::OwnEntry long_text{.bindings = {phone()}, .removals = {}, .peer_address = {}};
  long_text.bindings[0].contact.assign(max_text_octets + 1, 'x');
  EXPECT_EQ(encode_contact_list(long_text).error().code, ErrorCode::too_large);
  // Claims more bindings than we take.
  const auto claimed = decode_contact_list(Bytes{1, 0, 0, 0, 0xff, 0xff});
  ASSERT_FALSE(claimed);
  EXPECT_THAT(claimed.error().message(), HasSubstr("bindings"));
}

TEST(ContactListTest, TimesBeyondAllBoundsAreMalformed) {
  Bytes octets = *encode_contact_list({.bindings = {phone()}, .removals = {}, .peer_address = {}});
  const std::size_t updated_at = 1 + 2 + 1 + 2 + 2;
  octets[updated_at] = 0x80;
  EXPECT_FALSE(decode_contact_list(octets));
}

TEST(ContactListTest, AnyOctetsAreReadOrRefused) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint8_t> tail, std::uint8_t position, bool flip) {
    Bytes octets = *encode_contact_list(entry());
    if (flip) {
      octets[position % octets.size()] ^= static_cast<std::uint8_t>(tail.empty() ? 1 : tail[0]);
    } else {
      octets.resize(position % octets.size());
      octets.insert(octets.end(), tail.begin(), tail.end());
    }
    const auto decoded = decode_contact_list(octets);
    if (!decoded) return;
    const auto again = encode_contact_list(*decoded);
    RC_ASSERT(again.has_value());
    RC_ASSERT((decode_contact_list(*again) == decoded));
  }));
}

}  // namespace
}  // namespace carillon::usage
