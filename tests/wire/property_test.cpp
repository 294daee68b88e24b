// Properties of every structure: what is written comes back; what is cut short is an error with an
// offset; a changed octet is an error or another value that comes back.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "wire/chord_leave_data.hpp"
#include "wire/generators.hpp"
#include "wire/message.hpp"
#include "wire/message_body.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

namespace carillon::wire {
namespace {

const DataModelOf models = testing::model_of;

template <typename T>
void check_round_trip(const Bytes& octets) {
  const auto decoded = decode_body<T>(octets, models);
  if (!decoded) {
    RC_ASSERT(decoded.error().code == ErrorCode::malformed);
    RC_ASSERT(decoded.error().offset <= octets.size());
    RC_ASSERT(!decoded.error().where.empty());
    return;
  }
  const Bytes again = encode(*decoded);
  RC_ASSERT(to_hex(again) == to_hex(octets));
  RC_ASSERT(decode_body<T>(again, models).value() == *decoded);
}

template <typename T>
class Property : public ::testing::Test {};

using Structures =
    ::testing::Types<Message, ProbeReq, ProbeAns, AttachReqAns, AppAttachReq, AppAttachAns,
                     StoreReq, StoreAns, FetchReq, FetchAns, StatReq, StatAns, FindReq, FindAns,
                     JoinReq, JoinAns, LeaveReq, LeaveAns, ChordUpdate, UpdateAns, RouteQueryReq,
                     ChordRouteQueryAns, PingReq, PingAns, ConfigUpdateReq, ConfigUpdateAns,
                     ErrorResponse, UnknownKinds, ChordLeaveData, SipRegistration, TurnServer>;
TYPED_TEST_SUITE(Property, Structures);

TYPED_TEST(Property, WhatIsWrittenComesBack) {
  EXPECT_TRUE(testing::holds([] {
    const auto value = testing::make<TypeParam>();
    const auto decoded = decode_body<TypeParam>(encode(value), models);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == value);
    RC_ASSERT(to_hex(encode(*decoded)) == to_hex(encode(value)));
  }));
}

TYPED_TEST(Property, WhatIsCutShortIsAnErrorWithAnOffset) {
  EXPECT_TRUE(testing::holds([] {
    const Bytes octets = encode(testing::make<TypeParam>());
    if (octets.empty()) return;
    const auto size = testing::below(octets.size());
    // In its own allocation, so that the sanitizer sees a read behind its end.
    const Bytes cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    const auto decoded = decode_body<TypeParam>(cut, models);
    RC_ASSERT(!decoded.has_value());
    RC_ASSERT(decoded.error().code == ErrorCode::malformed);
    RC_ASSERT(decoded.error().offset <= size);
  }));
}

TYPED_TEST(Property, AChangedOctetIsAnErrorOrAnotherValue) {
  EXPECT_TRUE(testing::holds([] {
    Bytes octets = encode(testing::make<TypeParam>());
    if (octets.empty()) return;
    const auto at = testing::below(octets.size());
    octets[at] = testing::octet();
    check_round_trip<TypeParam>(octets);
  }));
}

TYPED_TEST(Property, RandomOctetsAreAnErrorOrAValue) {
  EXPECT_TRUE(testing::holds([] { check_round_trip<TypeParam>(testing::bytes(200)); }));
}

}  // namespace
}  // namespace carillon::wire
