#include "base/utf8.hpp"

#include <algorithm>

namespace carillon {
namespace {

/// What may follow a first octet: how many continuations, and the range of the first of them.
struct Follow {
  std::size_t count;
  std::uint8_t low;
  std::uint8_t high;
};

constexpr std::uint8_t lowest = 0x80;
constexpr std::uint8_t highest = 0xbf;
constexpr Follow no_first_octet{0, 1, 0};

Follow follow(std::uint8_t first) {
  if (first < 0xc2) return no_first_octet;
  if (first < 0xe0) return {1, lowest, highest};
  if (first == 0xe0) return {2, 0xa0, highest};
  if (first == 0xed) return {2, lowest, 0x9f};
  if (first < 0xf0) return {2, lowest, highest};
  if (first == 0xf0) return {3, 0x90, highest};
  if (first < 0xf4) return {3, lowest, highest};
  if (first == 0xf4) return {3, lowest, 0x8f};
  return no_first_octet;
}

bool is_between(std::uint8_t octet, std::uint8_t low, std::uint8_t high) {
  return octet >= low && octet <= high;
}

}  // namespace

bool is_utf8(ByteView octets) {
  while (!octets.empty()) {
    if (octets.front() < 0x80) {
      octets = octets.subspan(1);
      continue;
    }
    const auto [count, low, high] = follow(octets.front());
    if (count == 0 || octets.size() <= count || !is_between(octets[1], low, high)) return false;
    const auto rest = octets.subspan(2, count - 1);
    if (!std::ranges::all_of(rest, [](auto c) { return is_between(c, lowest, highest); })) {
      return false;
    }
    octets = octets.subspan(count + 1);
  }
  return true;
}

}  // namespace carillon
