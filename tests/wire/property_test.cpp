// Properties of every structure: what is written comes back; what is cut short is an error with an
// offset; a changed octet is an error or another value that comes back.
#include <ostream>

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

using testing::below;
using testing::holds;

/// A structure without its type, so that the properties are compiled once and not for each.
struct Structure {
  const char* name;
  /// A random value's octets; empty if they do not decode to that value.
  std::optional<Bytes> (*make)();
  /// What encoding yields of what decoding yields.
  Result<Bytes> (*decode_and_encode)(ByteView);

  friend void PrintTo(const Structure& structure, std::ostream* out) { *out << structure.name; }
};

template <typename T>
std::optional<Bytes> make() {
  const T value = testing::make<T>();
  Bytes octets = encode(value);
  const auto decoded = decode_body<T>(octets, testing::model_of);
  if (!decoded || !(*decoded == value)) return std::nullopt;
  return octets;
}

template <typename T>
Result<Bytes> decode_and_encode(ByteView octets) {
  const auto decoded = decode_body<T>(octets, testing::model_of);
  if (!decoded) return std::unexpected(decoded.error());
  return encode(*decoded);
}

template <typename T>
Structure structure(const char* name) {
  return {name, make<T>, decode_and_encode<T>};
}

const std::vector structures{structure<Message>("Message"),
                             structure<ProbeReq>("ProbeReq"),
                             structure<ProbeAns>("ProbeAns"),
                             structure<AttachReqAns>("AttachReqAns"),
                             structure<AppAttachReq>("AppAttachReq"),
                             structure<AppAttachAns>("AppAttachAns"),
                             structure<StoreReq>("StoreReq"),
                             structure<StoreAns>("StoreAns"),
                             structure<FetchReq>("FetchReq"),
                             structure<FetchAns>("FetchAns"),
                             structure<StatReq>("StatReq"),
                             structure<StatAns>("StatAns"),
                             structure<FindReq>("FindReq"),
                             structure<FindAns>("FindAns"),
                             structure<JoinReq>("JoinReq"),
                             structure<JoinAns>("JoinAns"),
                             structure<LeaveReq>("LeaveReq"),
                             structure<LeaveAns>("LeaveAns"),
                             structure<ChordUpdate>("ChordUpdate"),
                             structure<UpdateAns>("UpdateAns"),
                             structure<RouteQueryReq>("RouteQueryReq"),
                             structure<ChordRouteQueryAns>("ChordRouteQueryAns"),
                             structure<PingReq>("PingReq"),
                             structure<PingAns>("PingAns"),
                             structure<ConfigUpdateReq>("ConfigUpdateReq"),
                             structure<ConfigUpdateAns>("ConfigUpdateAns"),
                             structure<ErrorResponse>("ErrorResponse"),
                             structure<UnknownKinds>("UnknownKinds"),
                             structure<ChordLeaveData>("ChordLeaveData"),
                             structure<SipRegistration>("SipRegistration"),
                             structure<TurnServer>("TurnServer")};

class Property : public ::testing::TestWithParam<Structure> {
 protected:
  static void check_error(const Error& error, std::size_t size) {
    RC_ASSERT(error.code == ErrorCode::malformed);
    RC_ASSERT(error.offset <= size);
    RC_ASSERT(!error.where.empty());
  }

  /// That `octets` are an error that says where, or a value that is written as it came.
  static void check_error_or_value(const Bytes& octets) {
    const auto again = GetParam().decode_and_encode(octets);
    if (!again) {
      check_error(again.error(), octets.size());
      return;
    }
    RC_ASSERT(to_hex(*again) == to_hex(octets));
  }
};

TEST_P(Property, WhatIsWrittenComesBack) {
  EXPECT_TRUE(holds([] {
    const auto octets = GetParam().make();
    RC_ASSERT(octets.has_value());
    const auto again = GetParam().decode_and_encode(*octets);
    RC_ASSERT(again.has_value());
    RC_ASSERT(to_hex(*again) == to_hex(*octets));
  }));
}

TEST_P(Property, WhatIsCutShortIsAnErrorWithAnOffset) {
  EXPECT_TRUE(holds([] {
    const Bytes octets = GetParam().make().value();
    if (octets.empty()) return;
    const auto size = static_cast<std::ptrdiff_t>(below(octets.size()));
    // In its own allocation, so that the sanitizer sees a read behind its end.
    const Bytes cut(octets.begin(), octets.begin() + size);
    const auto again = GetParam().decode_and_encode(cut);
    RC_ASSERT(!again.has_value());
    check_error(again.error(), cut.size());
  }));
}

TEST_P(Property, AChangedOctetIsAnErrorOrAnotherValue) {
  EXPECT_TRUE(holds([] {
    Bytes octets = GetParam().make().value();
    if (octets.empty()) return;
    octets[below(octets.size())] = testing::octet();
    check_error_or_value(octets);
  }));
}

TEST_P(Property, RandomOctetsAreAnErrorOrAValue) {
  EXPECT_TRUE(holds([] { check_error_or_value(testing::bytes(200)); }));
}

INSTANTIATE_TEST_SUITE_P(Wire, Property, ::testing::ValuesIn(structures),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace carillon::wire
