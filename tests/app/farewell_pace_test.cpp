#include "app/farewell_pace.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace carillon::app {
namespace {

/// The batches in which so many phones go.
std::vector<std::size_t> batches_of(std::size_t phones) {
  std::vector<std::size_t> batches;
  for (milliseconds elapsed{0}; phones != 0; elapsed += FarewellPace::interval) {
    batches.push_back(FarewellPace::batch(phones, elapsed));
    phones -= batches.back();
  }
  return batches;
}

TEST(FarewellPace, AFewGoAtOnce) {
  EXPECT_EQ(FarewellPace::batch(0, milliseconds{0}), 0U);
  EXPECT_EQ(batches_of(10), std::vector<std::size_t>{10});
}

TEST(FarewellPace, HundredsGoAHundredASecond) {
  const auto batches = batches_of(400);
  EXPECT_EQ(batches.size(), 40U);
  EXPECT_EQ(std::ranges::max(batches), 10U);
}

TEST(FarewellPace, ManyGoEvenlyWithinTheTime) {
  const auto batches = batches_of(30'000);
  EXPECT_EQ(batches.size(), 80U);
  EXPECT_EQ(std::ranges::max(batches), 375U);
  EXPECT_EQ(std::ranges::min(batches), 375U);
}

TEST(FarewellPace, WhatIsLeftAtTheEndGoesAtOnce) {
  EXPECT_EQ(FarewellPace::batch(500, milliseconds{7'900}), 500U);
  EXPECT_EQ(FarewellPace::batch(500, milliseconds{7'950}), 500U);
  EXPECT_EQ(FarewellPace::batch(500, milliseconds{60'000}), 500U);
}

}  // namespace
}  // namespace carillon::app
