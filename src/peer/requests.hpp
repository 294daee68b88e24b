#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "storage/ring_interval.hpp"
#include "transport/request_handler.hpp"
#include "wire/fetch.hpp"
#include "wire/probe.hpp"
#include "wire/stat.hpp"

namespace carillon::peer {

class PeerCore;

/// The requests of other nodes: each to where it belongs.
class Requests {
 public:
  static constexpr milliseconds count_lifetime{30'000};
  static constexpr std::size_t max_waiting_for_count = 64;

  explicit Requests(PeerCore& core) : core_(core) {}

  void handle(Now now, transport::IncomingRequest request, transport::ResponseToken token);

 private:
  using UseCount = std::move_only_function<void(Result<std::uint32_t>)>;

  void handle_ping(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void handle_probe(Now now, const transport::IncomingRequest& request,
                    transport::ResponseToken token);
  void answer_probe(const wire::ProbeReq& probe, std::uint32_t resources,
                    transport::ResponseToken token);
  void handle_route_query(Now now, const transport::IncomingRequest& request,
                          transport::ResponseToken token);
  void handle_update(Now now, const transport::IncomingRequest& request,
                     transport::ResponseToken token);
  void handle_fetch(Now now, const transport::IncomingRequest& request,
                    transport::ResponseToken token);
  /// Runs `answer` once what we have of the resource can be believed; else there is an error.
  void once_sure(const transport::IncomingRequest& request, const ResourceId& resource,
                 transport::ResponseToken token, std::move_only_function<void()> answer);
  void answer_fetch(const wire::FetchReq& fetch, transport::ResponseToken token);
  void handle_stat(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void answer_stat(const wire::StatReq& stat, transport::ResponseToken token);
  void handle_find(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void answer_digests(Now now, const NodeId& asker, std::vector<storage::RingInterval> intervals,
                      transport::ResponseToken token);
  /// How many resources are stored here, as counted within the last `count_lifetime`. `use` may run
  /// at once. `busy`.
  void with_stored_resources(UseCount use);

  PeerCore& core_;
  std::vector<UseCount> counting_for_;  ///< Who waits for the count that runs.
  std::uint32_t counted_{0};
  std::optional<MonotonicTime> counted_at_;
};

}  // namespace carillon::peer
