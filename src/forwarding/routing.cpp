// Where a message goes next: RFC 6940, 6.1.1 to 6.1.3, and the way back, 6.2.2.
#include <utility>

#include "forwarding/forwarding.hpp"

namespace carillon::forwarding {

using wire::DestinationList;

/// Takes this node's own entries off the front of the list, up to the one that decides.
Forwarding::Decision Forwarding::decide(DestinationList& destinations) const {
  while (!destinations.empty()) {
    const wire::Destination& first = destinations.front();
    const bool is_last = destinations.size() == 1;
    if (first.opaque_id() != nullptr) return decide_opaque(destinations);
    if (const auto* resource = first.resource_id()) {
      if (!is_last) return DropReason::resource_not_last;
      if (oracle_.is_responsible(*resource)) return Deliver{};
      return decide_by_topology(first);
    }
    const auto* node = first.node_id();
    if (node == nullptr) return DropReason::unknown_destination;
    // "A message with a wildcard Node-ID as its first entry is never forwarded" (6.1.1).
    if (node->is_wildcard() || (*node == self_ && is_last)) return Deliver{};
    if (*node != self_) return decide_node(first, *node);
    destinations.erase(destinations.begin());
  }
  return DropReason::malformed;
}

/// The only opaque ids that we give out stand for links whose node has not said which Node-ID it
/// uses (see via_entry). What comes back to such a link is for whoever is there.
Forwarding::Decision Forwarding::decide_opaque(DestinationList& destinations) const {
  const auto link = link_of(*destinations.front().opaque_id());
  if (!link) return DropReason::unknown_opaque_id;
  const NodeId node = links_.node_of(*link).value_or(NodeId::wildcard());
  destinations.front() = node;
  return Next{*link, node};
}

Forwarding::Decision Forwarding::decide_node(const wire::Destination& destination,
                                             const NodeId& node) const {
  if (const auto link = links_.find(node)) return Next{*link, node};
  if (oracle_.is_responsible(node)) return DropReason::node_absent;
  return decide_by_topology(destination);
}

Forwarding::Decision Forwarding::decide_by_topology(const wire::Destination& destination) const {
  const auto next = oracle_.next_hop(destination);
  if (!next || !oracle_.may_route_through(*next)) return DropReason::no_route;
  const auto link = links_.find(*next);
  if (!link) return DropReason::no_route;
  return Next{*link, *next};
}

/// What a node behind us appends to the Via List, and thereby sends responses to (6.1.2).
wire::Destination Forwarding::via_entry(const Passing& passing) const {
  if (passing.previous_hop) return *passing.previous_hop;
  return opaque_id_of(passing.from.value_or(LinkId::none));
}

/// "Reversing the Via List" leaves the last hop out, which is not on it yet: it comes first.
DestinationList Forwarding::return_path(const Passing& passing) const {
  DestinationList path;
  path.reserve(passing.header.via_list.size() + 1);
  path.push_back(via_entry(passing));
  path.insert(path.end(), passing.header.via_list.rbegin(), passing.header.via_list.rend());
  return path;
}

/// The link's number, which is never used again, behind a number that no other run of this node
/// has: an id from before a restart does not lead to a wrong link (6.3.2.2).
wire::OpaqueId Forwarding::opaque_id_of(LinkId link) const {
  Writer writer;
  writer.u64(opaque_salt_);
  writer.u64(static_cast<std::uint64_t>(link));
  return {std::move(writer).take(), false};
}

std::optional<LinkId> Forwarding::link_of(const wire::OpaqueId& opaque) const {
  Reader reader(opaque.opaque_id);
  const std::uint64_t salt = reader.u64("opaque_id");
  const LinkId link{reader.u64("opaque_id")};
  reader.expect_end("opaque_id");
  if (reader.failed() || salt != opaque_salt_ || links_.link(link) == nullptr) return std::nullopt;
  return link;
}

}  // namespace carillon::forwarding
