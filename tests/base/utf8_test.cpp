#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace carillon {
namespace {

TEST(Utf8, TakesEveryLengthAtItsBounds) {
  for (const auto* text : {"", "SIP/2.0", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf", "a\xc3\xa9z\xe2\x82\xac"}) {
    EXPECT_TRUE(is_utf8(as_bytes(std::string_view{text}))) << text;
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  for (const auto* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82", "\xf0\x90\x80", "\xc2g",
        "\xe2\x82g", "ab\xe2g\x82"}) {
    EXPECT_FALSE(is_utf8(as_bytes(std::string_view{text})));
  }
}

}  // namespace
}  // namespace carillon
