#include "sip/nonces.hpp"

#include <algorithm>
#include <limits>

#include "base/base64.hpp"
#include "base/constant_time.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t nonce_mac_size = 12;
constexpr std::size_t text_size = 32;  // 24 octets in base64

std::uint32_t whole_seconds(MonotonicTime time) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<seconds>(time.time_since_epoch()).count());
}

}  // namespace

Nonces::Nonces(Random& random, seconds lifetime, std::size_t capacity)
    : hmac_(random.bytes(32)), lifetime_(lifetime), capacity_(capacity) {}

std::string Nonces::signed_text(std::uint64_t serial, std::uint32_t time) const {
  Writer writer;
  writer.u64(serial);
  writer.u32(time);
  const auto mac = hmac_(writer.view());
  writer.bytes(ByteView{mac}.first(nonce_mac_size));
  return to_base64(writer.view());
}

std::string Nonces::make(MonotonicTime now) {
  return signed_text(++last_serial_, whole_seconds(now));
}

std::optional<std::uint64_t> Nonces::check(std::string_view nonce, MonotonicTime now) const {
  if (nonce.size() != text_size) return std::nullopt;
  const auto octets = from_base64(nonce);
  if (!octets) return std::nullopt;
  Reader reader{*octets};
  const auto serial = reader.u64("serial");
  const auto time = reader.u32("time");
  if (!equal_in_constant_time(as_bytes(signed_text(serial, time)), as_bytes(nonce)))
    return std::nullopt;
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
