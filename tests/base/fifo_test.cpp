#include "base/fifo.hpp"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace carillon {
namespace {

TEST(Fifo, DoesWhatADequeDoes) {
  SeededRandom random{1};
  Fifo<int> fifo;
  std::deque<int> model;
  for (int step = 0; step < 20'000; ++step) {
    // Grows and empties again and again.
    const bool grows = step / 500 % 2 == 0;
    if (random.below(3) < (grows ? 2U : 1U)) {
      fifo.push_back(step);
      model.push_back(step);
    } else if (!model.empty()) {
      ASSERT_EQ(fifo.take_front(), model.front());
      model.pop_front();
    }
    ASSERT_EQ(fifo.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(fifo.front(), model.front());
      ASSERT_EQ(fifo[model.size() - 1], model.back());
      ASSERT_TRUE(std::equal(fifo.begin(), fifo.end(), model.begin(), model.end()));
    }
  }
}

TEST(Fifo, HoldsWhatCannotBeCopied) {
  Fifo<std::unique_ptr<int>> fifo;
  for (int i = 0; i < 100; ++i)
    fifo.push_back(std::make_unique<int>(i));
  EXPECT_EQ(*fifo.take_front(), 0);
  fifo.clear();
  EXPECT_TRUE(fifo.empty());
}

}  // namespace
}  // namespace carillon
