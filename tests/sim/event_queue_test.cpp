#include "sim/event_queue.hpp"

#include <gtest/gtest.h>

#include "sim/random.hpp"

namespace carillon::sim {
namespace {

Event numbered(std::uint32_t number) {
  return {EventKind::call, 0, number, 0, 0, {}};
}

TEST(EventQueue, WhatIsDueFirstComesFirst) {
  EventQueue queue;
  SmallRandom random{3};
  for (std::uint32_t i = 0; i < 1'000; ++i)
    queue.push(MonotonicTime{milliseconds{random.below(100)}}, numbered(i));
  MonotonicTime last{};
  while (!queue.empty()) {
    EXPECT_GE(queue.next_time(), last);
    last = queue.next_time();
    (void)queue.pop();
  }
}

TEST(EventQueue, AtOneInstantInTheOrderInWhichTheyWereCaused) {
  EventQueue queue;
  for (std::uint32_t i = 0; i < 100; ++i)
    queue.push(MonotonicTime{seconds{1}}, numbered(i));
  for (std::uint32_t i = 0; i < 100; ++i)
    EXPECT_EQ(queue.pop().subject, i);
}

TEST(EventQueue, WhatAnEventCarriesIsItsOwn) {
  EventQueue queue;
  for (std::uint8_t i = 0; i < 10; ++i) {
    Event event = numbered(i);
    event.octets = {i};
    queue.push(MonotonicTime{seconds{10 - i}}, std::move(event));
  }
  for (std::uint8_t i = 10; i > 0; --i)
    EXPECT_EQ(queue.pop().octets, Bytes{static_cast<std::uint8_t>(i - 1)});
}

}  // namespace
}  // namespace carillon::sim
