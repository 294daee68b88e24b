#include "base/bytes.hpp"

#include <string>

#include <gtest/gtest.h>

namespace carillon {
namespace {

TEST(Bytes, GivesItsMemoryBack) {
  Bytes octets(1000, 7);
  release_memory(octets);
  EXPECT_EQ(octets.capacity(), 0U);

  std::string text(1000, 'x');
  release_memory(text);
  EXPECT_EQ(text.capacity(), std::string{}.capacity());
}

}  // namespace
}  // namespace carillon
