#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "sip/hop.hpp"
#include "sip/keyed_hash.hpp"
#include "sip/sip_counters.hpp"
#include "sip/sip_options.hpp"

namespace carillon::sip {

/// Token buckets and bans by key, in memory that does not grow. What is idle says nothing and gives
/// way; of what does say something, that which ends first.
class BucketTable {
 public:
  struct Entry {
    std::uint64_t key{};  ///< 0: free.
    MonotonicTime
        requests{};  ///< When the bucket is full again: a leaky bucket is one point in time.
    MonotonicTime failures{};
    MonotonicTime banned{};  ///< Until then.

    [[nodiscard]] MonotonicTime idle_at() const;
  };

  explicit BucketTable(std::size_t capacity) : capacity_(capacity) {}
  /// The key's entry, a fresh one if there is none.
  [[nodiscard]] Entry& at(std::uint64_t key);
  [[nodiscard]] std::size_t capacity() const { return entries_.size(); }

 private:
  static constexpr std::size_t ways = 4;
  std::size_t capacity_;
  std::vector<Entry> entries_;  ///< Made when the first is needed.
};

/// Takes one from a bucket that holds `burst` and gets one each `interval`; false if it is empty.
[[nodiscard]] bool take(MonotonicTime& bucket, MonotonicTime now, MonotonicClock::duration interval,
                        std::uint32_t burst);

/// Limits for each source address (an IPv6 network of 64 bits counts as one) and each user: what
/// they may ask in a time, how often they may be wrong, what they may keep open. Other peers, and
/// servers that are trusted, have none. One look into a table a message.
class Guard {
 public:
  Guard(const SipOptions& options, const KeyedHash& hash, SipCounters& counters);

  /// May a message from there be looked at? If not it is dropped without an answer.
  [[nodiscard]] bool admit(const Source& source, MonotonicTime now);
  /// It was not worth looking at: costs as much as ten that were.
  void note_malformed(const Source& source, MonotonicTime now);
  /// A wrong password over a nonce of ours, which shows that the source is who it says it is.
  void note_failure(const Source& source, std::string_view aor, MonotonicTime now);

  /// May the user do one more thing that is stored, or call?
  [[nodiscard]] bool admit_user(std::string_view aor, MonotonicTime now);
  /// So many passwords were tried for the user that more are not looked at for now.
  [[nodiscard]] bool is_being_guessed(std::string_view aor, MonotonicTime now);

  /// A phone connects; false if too many from there are, or it is banned.
  [[nodiscard]] bool may_connect(const HostPort& remote, MonotonicTime now);
  void connected(FlowId flow, const HostPort& remote);
  void disconnected(FlowId flow);
  /// So many octets of an unfinished message are held for the flow now. False if the source has too
  /// many in all.
  [[nodiscard]] bool holds(FlowId flow, std::size_t octets);

 private:
  struct Connections {
    std::size_t count{};
    std::size_t octets{};
  };
  struct Held {
    std::uint64_t source{};
    std::size_t octets{};
  };
  [[nodiscard]] std::uint64_t key_of(std::string_view host) const;
  [[nodiscard]] bool is_exempt(const Source& source) const;

  const SipOptions& options_;
  const KeyedHash& hash_;
  SipCounters& counters_;
  BucketTable sources_;
  BucketTable users_;
  MonotonicTime guessed_until_{};
  std::unordered_map<std::uint64_t, Connections> connections_;
  std::unordered_map<FlowId, Held> held_;
};

}  // namespace carillon::sip
