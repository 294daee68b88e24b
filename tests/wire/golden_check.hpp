#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "wire/codec.hpp"
#include "wire/golden.hpp"

namespace carillon::wire::testing {

/// That the octets of golden/NAME.hex decode to `value`, and `value` encodes to them. Then, that
/// each truncation of them fails, at an offset within what was there.
template <typename T, typename... Context>
void expect_golden(const std::string& name, const T& value, const Context&... context) {
  SCOPED_TRACE(name);
  const Bytes octets = golden(name);
  const auto decoded = decode_whole<T>(octets, context...);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  EXPECT_TRUE(*decoded == value);
  EXPECT_EQ(to_hex(encode(*decoded)), to_hex(octets));
  EXPECT_EQ(to_hex(encode(value)), to_hex(octets));

  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto truncated = decode_whole<T>(ByteView{octets}.first(size), context...);
    ASSERT_FALSE(truncated.has_value()) << "cut to " << size << " octets";
    EXPECT_EQ(truncated.error().code, ErrorCode::malformed);
    EXPECT_LE(truncated.error().offset, size) << truncated.error().message();
    EXPECT_FALSE(truncated.error().where.empty());
  }
  Bytes longer = octets;
  longer.push_back(0);
  EXPECT_FALSE(decode_whole<T>(longer, context...).has_value());
}

}  // namespace carillon::wire::testing
