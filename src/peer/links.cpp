#include "peer/links.hpp"

#include <utility>

#include "peer/core.hpp"
#include "wire/ping.hpp"

namespace carillon::peer {

using forwarding::LinkId;

LinkId Links::handle_accepted(link::AddressPort remote, std::span<const Bytes> der_chain) {
  auto& table = core_.forwarding.links();
  const auto link = table.handle_accepted(core_.now, remote);
  if (!link) {
    core_.notice(Severity::warning,
                 "refused a link from " + remote.to_string() + ": " + link.error().message());
    return LinkId::none;
  }
  auto node = identify(der_chain, std::nullopt);
  if (!node) {
    refuse(*link, remote, node.error());
  } else if (*node) {
    table.bind(core_.now, *link, **node);
  }
  // Else it has several Node-IDs, and has to attach first (RFC 6940, 6.1.2).
  return *link;
}

void Links::handle_opened(LinkId link, std::span<const Bytes> der_chain) {
  auto& table = core_.forwarding.links();
  if (!table.handle_opened(core_.now, link)) {
    actions_.emplace_back(forwarding::CloseLink{link, "not wanted any more"});
    return;
  }
  const auto opening = openings_.find(link);
  const auto expected = opening == openings_.end() ? std::nullopt : opening->second.expected;
  const auto address = opening == openings_.end() ? link::AddressPort{} : opening->second.address;
  auto node = identify(der_chain, expected);
  if (node && !*node) {
    node = fail(ErrorCode::bad_certificate, "link", "the node has several Node-IDs");
  }
  if (!node) {
    refuse(link, address, node.error());
    finish(link, std::unexpected(node.error()));
  } else if (!table.bind(core_.now, link, **node)) {
    finish(link, fail(ErrorCode::unreachable, "link", "leads to this node itself"));
  } else {
    finish(link, **node);
  }
}

void Links::handle_closed(LinkId link, std::string reason) {
  core_.forwarding.links().handle_closed(core_.now, link, std::move(reason));
}

void Links::open(link::AddressPort address, std::optional<NodeId> expected, Opened done) {
  auto link = core_.forwarding.links().open(core_.now, address, expected);
  if (!link) {
    done(std::unexpected(link.error()));
    return;
  }
  openings_.insert_or_assign(*link, Opening{std::move(address), expected, std::move(done)});
}

Result<std::optional<NodeId>> Links::identify(std::span<const Bytes> der_chain,
                                              const std::optional<NodeId>& expected) {
  auto chain = core_.authenticator.verify_link(der_chain, core_.now.wall);
  if (!chain) return std::unexpected(chain.error());
  const security::Certificate& certificate = *(*chain)->certificate;
  if (expected) {
    if (certificate.has_node_id(*expected)) return expected;
    return fail(ErrorCode::bad_certificate, "link",
                "expected node " + expected->to_hex() + ", found " +
                    certificate.node_ids().front().to_hex());
  }
  if (certificate.node_ids().size() > 1) return std::nullopt;
  return certificate.node_ids().front();
}

void Links::refuse(LinkId link, const link::AddressPort& address, const Error& error) {
  core_.notice(Severity::warning,
               "refused the link with " + address.to_string() + ": " + error.message());
  core_.forwarding.links().close(core_.now, link, error.message());
}

void Links::finish(LinkId link, Result<NodeId> result) {
  auto opening = openings_.extract(link);
  if (!opening.empty()) opening.mapped().done(std::move(result));
}

void Links::close_node(const NodeId& node, std::string reason) {
  auto& table = core_.forwarding.links();
  if (const auto link = table.find(node)) table.close(core_.now, *link, std::move(reason));
}

void Links::close_all(const std::string& reason) {
  auto& table = core_.forwarding.links();
  for (const NodeId& node : table.connected_nodes()) {
    if (const auto link = table.find(node)) table.close_soon(core_.now, *link, reason);
  }
}

void Links::handle_event(const forwarding::LinkEvent& event) {
  if (const auto* up = std::get_if<forwarding::LinkUp>(&event)) {
    handle_up(*up);
  } else if (const auto* down = std::get_if<forwarding::LinkDown>(&event)) {
    handle_down(*down);
  } else if (const auto* failed = std::get_if<forwarding::LinkFailed>(&event)) {
    finish(failed->link,
           fail(ErrorCode::unreachable, "link to " + failed->address.to_string(), failed->reason));
  } else if (const auto* wanted = std::get_if<forwarding::ProbeWanted>(&event)) {
    probe(wanted->node);
  } else if (const auto* doubtful = std::get_if<forwarding::LinkDoubtful>(&event)) {
    // If it is gone, its link closes within 3 s; until then others are the better way.
    core_.topology.handle_doubt(doubtful->node, true);
  } else if (const auto* restored = std::get_if<forwarding::LinkRestored>(&event)) {
    core_.topology.handle_doubt(restored->node, false);
  }
}

void Links::handle_up(const forwarding::LinkUp& event) {
  core_.notice(Severity::debug, "link with " + event.node.to_hex());
  core_.known_peers.seen(event.node, core_.now.monotonic);
  core_.topology.handle_connected(event.node, core_.now);
  if (event.replaced) {
    core_.completeness.handle_apart(event.node);
    core_.replication.handle_link_replaced(event.node);
  }
  core_.attaching.handle_link_up(event.node);
  core_.reconnecting.handle_link_up(event.node);
  core_.clock_watch.handle_link_up();
}

void Links::handle_down(const forwarding::LinkDown& event) {
  const bool was_neighbor = core_.topology.table().is_neighbor(event.node);
  const auto replicas = core_.topology.replica_set();
  core_.notice(was_neighbor ? Severity::info : Severity::debug,
               "lost the link with " + event.node.to_hex() + ": " + event.reason);
  core_.known_peers.seen(event.node, core_.now.monotonic);
  core_.ring_changed = true;
  core_.topology.handle_disconnected(event.node, core_.now);
  if (std::ranges::find(replicas, event.node) != replicas.end()) {
    core_.completeness.handle_apart(event.node);
  }
  core_.attaching.handle_link_down(event.node);
  core_.admission.handle_link_down(event.node);
  core_.joining.handle_link_down(event.node);
  core_.replication.handle_link_down(event.node);
  core_.reconnecting.handle_link_down(event.node, was_neighbor);
  core_.clock_watch.handle_link_down(event.node);
}

void Links::probe(const NodeId& node) {
  core_.transport.request(
      core_.now, {node}, wire::PingReq{},
      {.on_link_down = transport::OnLinkDown::fail, .max_sends = 1},
      [this, node](Now, const std::expected<transport::Response, transport::RequestFailure>&) {
        core_.topology.handle_doubt(node, is_doubtful(node));
      });
}

bool Links::is_doubtful(const NodeId& node) const {
  const auto& table = core_.forwarding.links();
  const auto link = table.find(node);
  return link && table.link(*link)->is_doubtful();
}

std::optional<forwarding::LinkAction> Links::poll_action() {
  if (!actions_.empty()) return actions_.take_front();
  return core_.forwarding.links().poll_action();
}

}  // namespace carillon::peer
