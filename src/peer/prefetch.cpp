#include "base/prefetch.hpp"

#include "peer/core.hpp"

namespace carillon::peer {

void Peer::prefetch() const {
  const PeerCore& core = *core_;
  carillon::prefetch(&core.now, 192);  // And the timers.
  carillon::prefetch(&core.topology, sizeof core.topology);
  carillon::prefetch(&core.forwarding.links(), sizeof(forwarding::LinkTable));
  carillon::prefetch(&core.transport, sizeof core.transport);
  carillon::prefetch(&core.completions, sizeof core.completions + sizeof core.commit);
  carillon::prefetch(&core.links, sizeof core.links);
}

void Peer::prefetch_tables() const {
  core_->timers.prefetch();
  core_->forwarding.links().prefetch();
}

void Peer::prefetch_link(LinkId link) const {
  core_->forwarding.links().prefetch(link);
}

}  // namespace carillon::peer
