#include "sip/nonces.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/bytes.hpp"
#include "base/constant_time.hpp"

namespace carillon::sip {
namespace {

/// Hexadecimal digits of a number. A nonce is three: serial, time and hash.
constexpr std::size_t hex_digits = 16;

std::uint64_t whole_seconds(MonotonicTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<seconds>(time.time_since_epoch()).count());
}

/// Of what hex64() has made.
std::uint64_t number_from(std::string_view hex) {
  std::uint64_t value = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return value;
}

}  // namespace

Nonces::Nonces(Random& random, seconds lifetime, std::size_t capacity)
    : hash_(random), lifetime_(lifetime), capacity_(capacity) {}

std::string Nonces::make(MonotonicTime now) {
  const auto text = hex64(++last_serial_) + hex64(whole_seconds(now));
  return text + hex64(hash_(text));
}

std::optional<std::uint64_t> Nonces::check(std::string_view nonce, MonotonicTime now) const {
  if (nonce.size() != 3 * hex_digits) return std::nullopt;
  const auto hash = hex64(hash_(nonce.substr(0, 2 * hex_digits)));
  if (!equal_in_constant_time(as_bytes(hash), as_bytes(nonce.substr(2 * hex_digits)))) {
    return std::nullopt;
  }
  const auto serial = number_from(nonce.substr(0, hex_digits));
  const auto time = number_from(nonce.substr(hex_digits, hex_digits));
  if (serial <= forgotten_) return std::nullopt;
  if (whole_seconds(now) - time > static_cast<std::uint64_t>(lifetime_.count())) {
    return std::nullopt;
  }
  return serial;
}

bool Nonces::use(std::uint64_t serial, std::optional<std::uint32_t> count) {
  constexpr auto used_up = std::numeric_limits<std::uint32_t>::max();
  const auto [at, fresh] = used_.try_emplace(serial);
  Seen& seen = at->second;
  if (!count) {
    if (!fresh) return false;
    seen = {used_up, ~std::uint64_t{0}};
  } else if (fresh || *count > seen.highest) {
    const auto distance = *count - seen.highest;
    seen.bits = distance < window ? seen.bits << distance : 0;
    seen.bits |= 1;
    seen.highest = *count;
  } else {
    const auto age = seen.highest - *count;
    const auto bit = std::uint64_t{1} << std::min(age, window - 1);
    if (age >= window || (seen.bits & bit) != 0) return false;
    seen.bits |= bit;
  }
  while (used_.size() > capacity_) {
    forgotten_ = used_.begin()->first;
    used_.erase(used_.begin());
  }
  return true;
}

}  // namespace carillon::sip
