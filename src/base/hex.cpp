#include "base/hex.hpp"

#include <optional>

#include "base/ascii.hpp"

namespace carillon {
namespace {

std::optional<std::uint8_t> digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string to_hex(ByteView octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (auto octet : octets) {
    text.push_back(digits[octet >> 4]);
    text.push_back(digits[octet & 0x0f]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view digits) {
  Bytes octets;
  octets.reserve(digits.size() / 2);
  std::optional<std::uint8_t> high;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (is_space(digits[i])) continue;
    const auto value = digit_value(digits[i]);
    if (!value) return fail(ErrorCode::malformed, "hex", "not a hexadecimal digit", i);
    if (high) {
      octets.push_back(static_cast<std::uint8_t>((*high << 4) | *value));
      high.reset();
    } else {
      high = value;
    }
  }
  if (high) return fail(ErrorCode::malformed, "hex", "an odd number of digits", digits.size());
  return octets;
}

}  // namespace carillon
