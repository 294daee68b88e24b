#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/fifo.hpp"
#include "base/hash.hpp"
#include "peer/paced_work.hpp"
#include "storage/ring_interval.hpp"
#include "storage/storage_types.hpp"
#include "wire/fetch.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

class PeerCore;

/// A private Kind (14.6) of which nothing is ever stored: its dictionary keys name intervals of the
/// ring, and whoever is asked for one makes up the value, the digest of all that it holds there.
/// Thus two peers compare their copies by an ordinary Fetch, and a peer of another make
/// answers Error_Unknown_Kind. Like other synthesized values (7.4.2.2) they are not signed; the
/// answer as a whole is.
inline constexpr KindId range_digest_kind{0xf0000003};

/// What a peer holds of an interval.
struct RangeDigest {
  std::uint32_t resources{};
  Sha256Digest digest{};  ///< Over the digests of the resources, in ring order.
  friend bool operator==(const RangeDigest&, const RangeDigest&) = default;
};

/// The Fetch that asks for the digests of some intervals.
[[nodiscard]] wire::FetchReq make_digest_request(
    const std::vector<storage::RingInterval>& intervals);
/// The intervals that are asked for; nothing if this is an ordinary Fetch. `malformed`,
/// `too_large` (over max_intervals).
[[nodiscard]] Result<std::optional<std::vector<storage::RingInterval>>> digest_intervals(
    const wire::FetchReq& request);
[[nodiscard]] wire::FetchAns make_digest_answer(const std::vector<storage::RingInterval>& intervals,
                                                const std::vector<RangeDigest>& digests);
/// In the order in which they were asked for.
[[nodiscard]] Result<std::vector<RangeDigest>> read_digest_answer(
    const wire::FetchAns& answer, const std::vector<storage::RingInterval>& intervals);

/// A Store of that Kind tells the other side that it now has, of an interval, all that we have.
[[nodiscard]] wire::StoreReq make_copied_notice(const storage::RingInterval& interval);
/// The interval that one names; nothing if this is an ordinary Store. `malformed`.
[[nodiscard]] Result<std::optional<storage::RingInterval>> read_copied_notice(
    const wire::StoreReq& request);

/// Computes digests a slice at a time, of all jobs in turn.
class RangeDigester {
 public:
  static constexpr std::size_t max_intervals = 16;  ///< In one request.
  static constexpr std::size_t slice = 128;         ///< Resources.
  static constexpr milliseconds pause{1};           ///< Between slices, at least.
  static constexpr std::size_t max_jobs = 32;

  using Done = std::move_only_function<void(Result<std::vector<RangeDigest>>)>;

  explicit RangeDigester(PeerCore& core);

  /// `done` runs now, if it takes but one slice, or later. `busy`: there are too many jobs.
  void compute(std::vector<storage::RingInterval> intervals, Done done);
  void stop();

 private:
  struct Job {
    std::vector<storage::RingInterval> intervals{};
    std::vector<RangeDigest> digests{};
    std::optional<ResourceId> from{};
    Done done{};
  };

  [[nodiscard]] bool run_slice();
  /// True: all intervals are done.
  [[nodiscard]] Result<bool> advance(Job& job);

  PeerCore& core_;
  Fifo<Job> jobs_;
  PacedWork work_;
};

}  // namespace carillon::peer
