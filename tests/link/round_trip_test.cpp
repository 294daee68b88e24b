#include "link/round_trip.hpp"

#include <gtest/gtest.h>

namespace carillon::link {
namespace {

using std::chrono::microseconds;

TEST(RoundTrip, computes_as_rfc_6298_says) {
  LinkOptions options;
  options.minimum_rto = milliseconds{1};
  RoundTrip round_trip(options);
  EXPECT_FALSE(round_trip.smoothed());
  EXPECT_EQ(round_trip.rto(), seconds{1});

  round_trip.record(milliseconds{100});  // SRTT 100, RTTVAR 50
  EXPECT_EQ(round_trip.smoothed(), milliseconds{100});
  EXPECT_EQ(round_trip.rto(), milliseconds{300});

  round_trip.record(milliseconds{20});  // RTTVAR (150+80)/4 = 57.5, SRTT (700+20)/8 = 90
  EXPECT_EQ(round_trip.smoothed(), milliseconds{90});
  EXPECT_EQ(round_trip.rto(), milliseconds{90} + microseconds{230'000});
}

TEST(RoundTrip, stays_within_its_bounds) {
  RoundTrip round_trip(LinkOptions{});
  round_trip.record(microseconds{80});
  EXPECT_EQ(round_trip.rto(), seconds{1}) << "RFC 6298, 2.4";
  round_trip.record(std::chrono::hours{1});
  EXPECT_EQ(round_trip.rto(), seconds{60}) << "RFC 6298, 2.5";
}

}  // namespace
}  // namespace carillon::link
