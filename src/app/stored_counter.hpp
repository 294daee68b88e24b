#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <boost/asio/steady_timer.hpp>

#include <carillon/ids.hpp>

#include "io/event_loop.hpp"
#include "storage/storage_backend.hpp"

namespace carillon::app {

/// Counts the stored resources of each Kind, a slice of the table at a time, so that phones and
/// peers do not wait for it. Counts only when asked, and seldom.
class StoredCounter {
 public:
  using Counts = std::map<KindId, std::uint64_t>;

  static constexpr std::size_t keys_per_slice = 2'048;
  static constexpr milliseconds slice_pause{10};
  static constexpr milliseconds good_for{10'000};

  StoredCounter(io::EventLoop& loop, storage::StorageBackend& backend)
      : backend_(backend), timer_(loop.context()) {}

  /// The result of the last count; starts a new one if it is old. Nothing before the first one.
  [[nodiscard]] const std::optional<Counts>& ask();

 private:
  void start();
  void count_slice();

  storage::StorageBackend& backend_;
  boost::asio::steady_timer timer_;
  std::optional<Counts> last_;
  Counts counting_;
  Bytes position_;
  bool fresh_{false};  ///< A count runs, or has just run.
};

}  // namespace carillon::app
