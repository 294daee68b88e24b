#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/ring_interval.hpp"
#include "transport/request_handler.hpp"
#include "wire/fetch.hpp"

namespace carillon::peer {

class PeerCore;

/// The requests of other nodes: each to where it belongs.
class Requests {
 public:
  static constexpr milliseconds count_lifetime{30'000};

  explicit Requests(PeerCore& core) : core_(core) {}

  void handle(Now now, transport::IncomingRequest request, transport::ResponseToken token);

 private:
  void handle_ping(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void handle_probe(Now now, const transport::IncomingRequest& request,
                    transport::ResponseToken token);
  void handle_route_query(Now now, const transport::IncomingRequest& request,
                          transport::ResponseToken token);
  void handle_update(Now now, const transport::IncomingRequest& request,
                     transport::ResponseToken token);
  void handle_fetch(Now now, const transport::IncomingRequest& request,
                    transport::ResponseToken token);
  void answer_fetch(const wire::FetchReq& fetch, transport::ResponseToken token);
  void handle_stat(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void handle_find(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void answer_digests(Now now, const NodeId& asker, std::vector<storage::RingInterval> intervals,
                      transport::ResponseToken token);
  [[nodiscard]] std::uint32_t stored_resources(Now now);

  PeerCore& core_;
  std::uint32_t counted_{0};
  std::optional<MonotonicTime> counted_at_;
};

}  // namespace carillon::peer
