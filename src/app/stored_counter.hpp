#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

#include "io/event_loop.hpp"
#include "storage/storage_backend.hpp"

namespace carillon::app {

/// Counts the stored resources of each Kind, a slice of the table at a time, so that phones and
/// peers do not wait for it. Counts only when asked.
class StoredCounter {
 public:
  using Counts = std::map<KindId, std::uint64_t>;
  using Done = std::function<void(const Result<Counts>&)>;

  static constexpr std::size_t keys_per_slice = 2'048;
  static constexpr milliseconds slice_pause{10};
  static constexpr milliseconds good_for{10'000};

  StoredCounter(io::EventLoop& loop, storage::StorageBackend& backend)
      : backend_(backend), timer_(loop.context()) {}

  /// The result of the last count; starts a new one if it is old. Nothing before the first one.
  [[nodiscard]] const std::optional<Counts>& ask();
  /// `done` gets the result of a count that began no earlier than now. Never called back at once.
  void count(Done done);

 private:
  void start();
  void count_slice_after(milliseconds pause);
  void count_slice();
  void finish(Result<Counts> counts);

  storage::StorageBackend& backend_;
  boost::asio::steady_timer timer_;
  std::optional<Counts> last_;
  std::chrono::steady_clock::time_point last_ended_{};
  std::vector<Done> waiting_;   ///< For the next count,
  std::vector<Done> answered_;  ///< for the one that runs.
  Counts counting_;
  Bytes position_;
  bool running_{false};
};

}  // namespace carillon::app
