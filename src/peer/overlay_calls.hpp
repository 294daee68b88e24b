#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <carillon/overlay.hpp>

#include "peer/call.hpp"
#include "peer/peer_status.hpp"

namespace carillon::peer {

class PeerCore;

/// The calls of the application that wait for an answer (overlay.hpp).
class OverlayCalls {
 public:
  explicit OverlayCalls(PeerCore& core) : core_(core) {}

  void lookup(ResourceId resource, std::vector<KindId> kinds, Overlay::Handler<LookupReport> done);
  void store(StoreRequest request, Overlay::Handler<StoreReport> done);
  void find_next(ResourceId from, KindId kind, Overlay::Handler<FindReport> done);

  /// Ends all calls with `not_joined`.
  void stop();
  [[nodiscard]] std::size_t under_way() const { return calls_.size(); }
  [[nodiscard]] Call* find(CallId id);
  void remove(CallId id);
  [[nodiscard]] CallCounters& counters() { return counters_; }
  [[nodiscard]] const CallCounters& counters() const { return counters_; }

  /// A storage_time for a new value: now, but never the same twice, so that two Stores in one
  /// millisecond still follow each other (7.4.1.1).
  [[nodiscard]] std::uint64_t next_storage_time();

 private:
  [[nodiscard]] Result<void> check() const;
  template <typename T, typename Request>
  void begin(Request request, Overlay::Handler<typename T::Report> done);

  PeerCore& core_;
  std::uint64_t last_call_{0};
  std::uint64_t last_storage_time_{0};
  std::map<CallId, std::unique_ptr<Call>> calls_;
  std::vector<std::unique_ptr<Call>> ended_;  ///< Kept until none of it runs any more.
  CallCounters counters_;
};

}  // namespace carillon::peer
