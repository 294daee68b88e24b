#include "base/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"

namespace carillon {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t no_digit = -1;

constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

}  // namespace

std::string to_base64(ByteView octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = (group << 8) | (j < count ? octets[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      out.push_back(j <= count ? alphabet[(group >> (18 - 6 * j)) & 0x3F] : '=');
    }
  }
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) continue;
    if (text[i] == '=') {
      ++padding;
      continue;
    }
    const auto value = digit_values[static_cast<unsigned char>(text[i])];
    if (value == no_digit || padding > 0) {
      return fail(ErrorCode::malformed, "base64", "unexpected character", i);
    }
    group = (group << 6) | static_cast<std::uint32_t>(value);
    if (++digits % 4 == 0) {
      for (int shift = 16; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(group >> shift));
      }
      group = 0;
    }
  }
  const std::size_t left = digits % 4;
  if (left == 1 || padding != (4 - left) % 4) {
    return fail(ErrorCode::malformed, "base64", "wrong length or padding", text.size());
  }
  if (left == 0) return out;
  group <<= 6 * (4 - left);
  for (std::size_t i = 0; i + 1 < left; ++i) {
    out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * i)));
  }
  if ((group & (left == 2 ? 0xFFFFU : 0xFFU)) != 0) {
    return fail(ErrorCode::malformed, "base64", "bits left over", text.size());
  }
  return out;
}

std::string to_base64url(ByteView octets) {
  auto text = to_base64(octets);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('='))
    text.pop_back();
  return text;
}

Result<Bytes> from_base64url(std::string_view text) {
  std::string standard{text};
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  while (standard.size() % 4 != 0)
    standard += '=';
  return from_base64(standard);
}

}  // namespace carillon
