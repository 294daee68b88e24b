#include "peer/config_updates.hpp"

#include <utility>

#include "peer/core.hpp"
#include "wire/config_update.hpp"

namespace carillon::peer {

void ConfigUpdates::handle_mismatch(Now /*now*/, const transport::ConfigMismatch& mismatch) {
  // Whoever has the later document sends it (6.3.2.1).
  if (mismatch.theirs_is_older) send(mismatch.node);
}

void ConfigUpdates::handle_unknown_kind(const NodeId& node) {
  send(node);
}

void ConfigUpdates::send(const NodeId& node) {
  const MonotonicTime now = core_.now.monotonic;
  const MonotonicTime* last = sent_.get(node);
  if (last != nullptr && now - *last < send_interval) return;
  sent_.put(node, now);
  wire::ConfigUpdateReq update;
  update.update = wire::ConfigUpdateConfig{to_bytes(as_bytes(core_.document.text()))};
  core_.transport.request(
      core_.now, {node}, update, {},
      [this, node](Now,
                   const std::expected<transport::Response, transport::RequestFailure>& outcome) {
        if (outcome) return;
        core_.notice(Severity::warning,
                     "ConfigUpdate to " + node.to_hex() + ": " + outcome.error().error.message());
      });
}

void ConfigUpdates::handle_update(Now now, const transport::IncomingRequest& request,
                                  transport::ResponseToken token) {
  auto& transport = core_.transport;
  auto update = wire::decode_whole<wire::ConfigUpdateReq>(request.contents.message_body);
  if (!update) return transport.respond_error(now, token, update.error());
  const auto* config = std::get_if<wire::ConfigUpdateConfig>(&update->update);
  if (config == nullptr) {
    // Kinds come with whole documents here, in which they stand signed (11.1).
    return transport.respond_error(now, token,
                                   Error{ErrorCode::forbidden, "ConfigUpdateReq.type",
                                         "only whole configuration documents are taken"});
  }
  if (auto taken = take(std::string{as_text(config->config_data)}); !taken) {
    core_.notice(Severity::warning, "ConfigUpdate from " + request.signer.node_id.to_hex() + ": " +
                                        taken.error().message());
    return transport.respond_error(now, token, taken.error());
  }
  transport.respond(now, token, wire::ConfigUpdateAns{});
}

Result<void> ConfigUpdates::take(std::string text) {
  auto next = config::ConfigurationDocument::parse(std::move(text), core_.overlay().instance_name);
  if (!next) return std::unexpected(next.error());
  auto good = config::verify_successor(core_.document, *next, core_.now.wall, core_.verifier);
  if (!good) return good;
  core_.document = std::move(*next);
  apply();
  return {};
}

void ConfigUpdates::apply() {
  const config::OverlayConfiguration& overlay = core_.overlay();
  core_.authenticator.set_anchors(overlay.trust_anchors());
  core_.storage.set_kinds(storage::KindTable{overlay});
  core_.transport.set_configuration(overlay.sequence, overlay.overlay_reliability_timer);
  core_.forwarding.set_limits(overlay.initial_ttl, overlay.max_message_size);
  core_.notice(Severity::info, fmt::format("configuration document {} is in force",
                                           static_cast<unsigned>(overlay.sequence)));
  for (const NodeId& node : overlay.bad_nodes)
    core_.links.close_node(node, "the node is revoked (bad-node)");
}

}  // namespace carillon::peer
