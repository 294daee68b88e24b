#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>

#include "peer/stray_offer.hpp"
#include "transport/request_handler.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// The other side of Strays: somebody offers copies of what we are responsible for. Those that are
/// not as ours are fetched, what is newer in them is taken and goes on to our replicas; then the
/// offer is answered.
class StrayIntake {
 public:
  static constexpr std::size_t max_offers = 16;  ///< At once; more are `busy`.
  static constexpr std::size_t window = 4;       ///< Fetches under way for one.

  explicit StrayIntake(PeerCore& core) : core_(core) {}

  void handle_offer(Now now, const std::vector<storage::ResourceDigest>& held,
                    const transport::IncomingRequest& request, transport::ResponseToken token);
  void stop() { offers_.clear(); }

 private:
  struct Offer {
    NodeId from{};
    transport::ResponseToken token{};
    std::deque<ResourceId> to_fetch{};
    std::size_t in_flight{0};
    bool has_news{false};
    std::optional<Error> failure{};
  };

  [[nodiscard]] Result<bool> is_as_ours(const storage::ResourceDigest& theirs) const;
  void go_on(std::uint64_t id);
  void fetch(std::uint64_t id, Offer& offer, const ResourceId& resource);
  void finish(Offer offer);

  PeerCore& core_;
  std::map<std::uint64_t, Offer> offers_;
  std::uint64_t last_id_{0};
};

}  // namespace carillon::peer
