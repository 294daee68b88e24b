// The messages of RFC 6940, 6.4, 6.5 and 10.
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "wire/chord_leave_data.hpp"
#include "wire/golden_check.hpp"
#include "wire/message_body.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

namespace carillon::wire {
namespace {

using testing::expect_golden;
using testing::golden;
using testing::node;
using testing::resource;

Bytes octets_of(std::string_view text) {
  return to_bytes(as_bytes(text));
}

IceCandidate host_candidate(std::string_view address) {
  return {IpAddressPort::from_text(address).value(),
          OverlayLinkType::tls_tcp_fh_no_ice,
          octets_of("1"),
          0x7effffff,
          CandType::host,
          {},
          {}};
}

TEST(Golden, Join) {
  expect_golden("join_req", JoinReq{node(1), {}});
  expect_golden("join_ans", JoinAns{{0xca, 0xfe}});
}

TEST(Golden, Leave) {
  expect_golden("leave_req", LeaveReq{node(1), golden("chord_leave_data")});
  expect_golden("chord_leave_data", ChordLeaveData{ChordLeaveType::from_succ, {node(2), node(3)}});
  expect_golden("chord_leave_data_from_pred", ChordLeaveData{ChordLeaveType::from_pred, {node(3)}});
}

TEST(Golden, ChordUpdate) {
  expect_golden("chord_update_peer_ready",
                ChordUpdate{3600, ChordUpdateType::peer_ready, {}, {}, {}});
  expect_golden("chord_update_neighbors",
                ChordUpdate{3600, ChordUpdateType::neighbors, {node(1)}, {node(2), node(3)}, {}});
  expect_golden(
      "chord_update_full",
      ChordUpdate{
          3600, ChordUpdateType::full, {node(1), node(2)}, {node(3)}, {node(1), node(2), node(3)}});
}

TEST(Golden, RouteQuery) {
  expect_golden("route_query_req", RouteQueryReq{true, resource(), {}});
  expect_golden("route_query_ans", ChordRouteQueryAns{node(3)});
}

TEST(Golden, Probe) {
  expect_golden("probe_req",
                ProbeReq{{ProbeInformationType::responsible_set,
                          ProbeInformationType::num_resources, ProbeInformationType::uptime}});
  expect_golden("probe_ans", ProbeAns{{{ProbeInformationType::responsible_set, 500000000U},
                                       {ProbeInformationType::num_resources, 42U},
                                       {ProbeInformationType::uptime, 3600U},
                                       {ProbeInformationType{0x7b}, Bytes{1, 2, 3, 4}}}});
}

TEST(Golden, Attach) {
  const IceCandidate reflexive{IpAddressPort::from_text("[2001:db8::1]:6085").value(),
                               OverlayLinkType::dtls_udp_sr_no_ice,
                               octets_of("2"),
                               0x64ffffff,
                               CandType::srflx,
                               IpAddressPort::from_text("10.0.0.1:1024").value(),
                               {{octets_of("a"), octets_of("b")}}};
  expect_golden("attach", AttachReqAns{octets_of("abcd"),
                                       octets_of("pw"),
                                       octets_of("passive"),
                                       {host_candidate("192.0.2.1:6084"), reflexive},
                                       true});
}

TEST(Golden, AppAttach) {
  expect_golden(
      "app_attach",
      AppAttachReq{
          {}, {}, ApplicationId::sip, octets_of("active"), {host_candidate("192.0.2.2:5060")}});
  expect_golden(
      "app_attach",
      AppAttachAns{
          {}, {}, ApplicationId::sip, octets_of("active"), {host_candidate("192.0.2.2:5060")}});
}

TEST(Golden, Ping) {
  expect_golden("ping_req", PingReq{{0, 0, 0}});
  expect_golden("ping_ans", PingAns{0x0123456789abcdef, 0x0000019000000000});
}

TEST(Golden, ConfigUpdate) {
  expect_golden("config_update_req_config", ConfigUpdateReq{ConfigUpdateConfig{octets_of("<x/>")}});
  expect_golden("config_update_req_kind",
                ConfigUpdateReq{ConfigUpdateKind{{octets_of("<k/>"), octets_of("<l/>")}}});
  expect_golden("config_update_req_unknown",
                ConfigUpdateReq{ConfigUpdateUnknown{ConfigUpdateType{0x63}, {1, 2, 3}}});
}

TEST(Golden, ErrorResponse) {
  expect_golden("error_forbidden", ErrorResponse{ErrorResponseCode::forbidden, octets_of("no")});
  expect_golden("error_generation",
                ErrorResponse{ErrorResponseCode::generation_counter_too_low, golden("store_ans")});
  expect_golden("unknown_kinds", UnknownKinds{{KindId{0xf0abcdef}, KindId{0x99}}});
}

TEST(Golden, SipRegistration) {
  expect_golden("sip_registration_uri",
                SipRegistration{SipRegistrationUri{octets_of("bob@example.org")}});
  expect_golden("sip_registration_route", SipRegistration{SipRegistrationRoute{{}, {node(1)}}});
}

TEST(Golden, TurnServer) {
  expect_golden("turn_server", TurnServer{1, IpAddressPort::from_text("192.0.2.1:6084").value()});
}

TEST(EmptyBodies, AreEmpty) {
  const Bytes none;
  EXPECT_TRUE(decode_whole<LeaveAns>(none).has_value());
  EXPECT_TRUE(decode_whole<UpdateAns>(none).has_value());
  EXPECT_TRUE(decode_whole<ConfigUpdateAns>(none).has_value());
  EXPECT_FALSE(decode_whole<LeaveAns>(Bytes{0}).has_value());
  EXPECT_FALSE(decode_whole<UpdateAns>(Bytes{0}).has_value());
  EXPECT_FALSE(decode_whole<ConfigUpdateAns>(Bytes{0}).has_value());
}

TEST(OverlaySpecificBodies, AreKeptAsTheyAre) {
  const Bytes octets{1, 2, 3};
  EXPECT_EQ(decode_whole<UpdateReq>(octets).value(), UpdateReq{octets});
  EXPECT_EQ(encode(UpdateReq{octets}), octets);
  EXPECT_EQ(decode_whole<RouteQueryAns>(octets).value(), RouteQueryAns{octets});
  EXPECT_EQ(encode(RouteQueryAns{octets}), octets);
}

template <typename T>
std::string complaint(const std::string& name, std::size_t offset, std::uint8_t value) {
  Bytes octets = golden(name);
  octets.at(offset) = value;
  const auto decoded = decode_whole<T>(octets);
  return decoded ? "none" : decoded.error().message();
}

TEST(UnknownTypes, AreErrorsWhereTheRfcLeavesNoRoomForThem) {
  EXPECT_EQ(complaint<ChordUpdate>("chord_update_peer_ready", 4, 9),
            "malformed: ChordUpdate.type at offset 4: is 0x9, which is not known");
  EXPECT_EQ(complaint<ChordLeaveData>("chord_leave_data", 0, 0),
            "malformed: ChordLeaveData.type at offset 0: is 0x0, which is not known");
  EXPECT_EQ(complaint<AttachReqAns>("attach", 32, 7), "none") << "a priority octet";
  EXPECT_EQ(complaint<AttachReqAns>("attach", 33, 7),
            "malformed: IceCandidate.type at offset 33: is 0x7, which is not known");
}

TEST(UnknownTypes, OfLinksAndAddressesSurvive) {
  Bytes octets = golden("attach");
  octets.at(18) = 9;     // the first candidate's address type
  octets.at(26) = 0x63;  // and its link
  const auto attach = decode_whole<AttachReqAns>(octets);
  ASSERT_TRUE(attach.has_value()) << attach.error().message();
  EXPECT_EQ(attach->candidates[0].overlay_link, OverlayLinkType{0x63});
  EXPECT_EQ(attach->candidates[0].addr_port.type(), AddressType{9});
  EXPECT_EQ(encode(*attach), octets);
}

TEST(AttachReqAns, HasCandidatesWithIceOrWithoutButNotBoth) {
  AttachReqAns attach;
  attach.candidates = {host_candidate("192.0.2.1:1"), host_candidate("192.0.2.1:2")};
  EXPECT_TRUE(decode_whole<AttachReqAns>(encode(attach)).has_value());
  attach.candidates[1].overlay_link = OverlayLinkType::exp_link;
  EXPECT_TRUE(decode_whole<AttachReqAns>(encode(attach)).has_value());
  attach.candidates[1].overlay_link = OverlayLinkType::dtls_udp_sr;
  EXPECT_EQ(decode_whole<AttachReqAns>(encode(attach)).error().message(),
            "malformed: AttachReqAns.candidates at offset 3: are with and without ICE");
  attach.candidates[0].overlay_link = OverlayLinkType::dtls_udp_sr;
  EXPECT_TRUE(decode_whole<AttachReqAns>(encode(attach)).has_value());
}

TEST(Booleans, AreZeroOrOne) {
  EXPECT_EQ(complaint<RouteQueryReq>("route_query_req", 0, 2),
            "malformed: RouteQueryReq.send_update at offset 0: is 0x2, must be 0 or 1");
}

TEST(SipRegistration, WantsADestination) {
  const Bytes empty{0x02, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00};
  EXPECT_EQ(decode_whole<SipRegistration>(empty).error().message(),
            "malformed: SipRegistration.destination_list at offset 5: has 0 octets, must have 3 or "
            "more");
  const Bytes other{0x09, 0x00, 0x02, 0xca, 0xfe};
  EXPECT_EQ(encode(decode_whole<SipRegistration>(other).value()), other);
}

TEST(ProbeInformation, KnownTypesAreNumbersOf32Bits) {
  EXPECT_FALSE(decode_whole<ProbeInformation>(Bytes{3, 2, 0, 1}).has_value());
  EXPECT_FALSE(decode_whole<ProbeInformation>(Bytes{3, 5, 0, 0, 0, 1, 2}).has_value());
}

}  // namespace
}  // namespace carillon::wire
