#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/keyed_hash.hpp"

namespace carillon::sip {

/// Digest nonces (RFC 7616, 3.3) that cost nothing until they have been used: a serial number and
/// the time, and the keyed hash of both. (Of its 64 bits each guess costs a request, and who has
/// guessed right still needs the password.) Of those used we remember which counts have been seen,
/// so that no request can be replayed; of the oldest we forget that, and then refuse the nonce as
/// stale.
class Nonces {
 public:
  Nonces(Random& random, seconds lifetime, std::size_t capacity);

  [[nodiscard]] std::string make(MonotonicTime now);

  /// The serial number; nothing if the nonce is not ours or too old.
  [[nodiscard]] std::optional<std::uint64_t> check(std::string_view nonce, MonotonicTime now) const;

  /// False if this count was used before with the nonce. Call only after the digest was found
  /// right: else strangers could fill the table. A request without nc uses the nonce up.
  [[nodiscard]] bool use(std::uint64_t serial, std::optional<std::uint32_t> count);

  [[nodiscard]] std::size_t size() const { return used_.size(); }

 private:
  /// Counts may overtake each other by so much; older ones are taken for replays.
  static constexpr std::uint32_t window = 64;
  struct Seen {
    std::uint32_t highest{};
    std::uint64_t bits{};  ///< Bit i: count highest-i was seen.
  };

  KeyedHash hash_;
  seconds lifetime_;
  std::size_t capacity_;
  std::uint64_t last_serial_{0};
  std::uint64_t forgotten_{0};  ///< This serial and those before it are not known any more.
  std::map<std::uint64_t, Seen> used_;
};

}  // namespace carillon::sip
