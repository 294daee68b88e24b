#include "peer/peer.hpp"

#include <utility>

#include "peer/core.hpp"

namespace carillon::peer {

Peer::Peer(PeerOptions options, Parts parts)
    : core_(std::make_unique<PeerCore>(std::move(options), std::move(parts))) {}

Peer::~Peer() = default;

Result<void> Peer::open(Now now) {
  return core_->open(now);
}

void Peer::handle_time(Now now) {
  core_->handle_time(now);
}

LinkId Peer::handle_link_accepted(AddressPort remote, std::vector<Bytes> der_chain) {
  if (core_->state == PeerState::left) return LinkId::none;
  const LinkId link = core_->links.handle_accepted(std::move(remote), der_chain);
  core_->settle();
  return link;
}

void Peer::handle_link_opened(LinkId link, std::vector<Bytes> der_chain) {
  core_->links.handle_opened(link, der_chain);
  core_->settle();
}

void Peer::handle_link_bytes(LinkId link, ByteView octets) {
  core_->forwarding.handle_bytes(core_->now, link, octets);
  core_->settle();
}

void Peer::handle_link_closed(LinkId link, std::string reason) {
  core_->links.handle_closed(link, std::move(reason));
  core_->settle();
}

std::optional<LinkAction> Peer::poll_action() {
  return core_->links.poll_action();
}

Result<void> Peer::flush() {
  return core_->flush();
}

bool Peer::run_completions() {
  const bool any = core_->completions.run();
  core_->settle();
  return any;
}

std::optional<MonotonicTime> Peer::next_deadline() const {
  return core_->timers.next_deadline();
}

void Peer::join(Handler<void> done) {
  switch (core_->state) {
    case PeerState::idle:
      core_->joining.start(std::move(done));
      core_->settle();
      return;
    case PeerState::joined:
      return core_->completions.add(std::move(done), Result<void>{});
    case PeerState::joining:
      return core_->completions.add(
          std::move(done), Result<void>{fail(ErrorCode::in_progress, "join", "already joining")});
    case PeerState::draining:
    case PeerState::left:
      return core_->completions.add(
          std::move(done),
          Result<void>{fail(ErrorCode::not_joined, "join", "the overlay was left")});
  }
}

void Peer::leave(Handler<void> done) {
  core_->leaving.start(std::move(done));
  core_->settle();
}

void Peer::lookup(LookupRequest request, Handler<LookupReport> done) {
  lookup_at(resource_id(request.resource_name), std::move(request.kinds), std::move(done));
}

void Peer::lookup_at(ResourceId resource, std::vector<KindId> kinds, Handler<LookupReport> done) {
  core_->calls.lookup(std::move(resource), std::move(kinds), std::move(done));
  core_->settle();
}

void Peer::store(StoreRequest request, Handler<StoreReport> done) {
  core_->calls.store(std::move(request), std::move(done));
  core_->settle();
}

void Peer::find_next(ResourceId from, KindId kind, Handler<FindReport> done) {
  core_->calls.find_next(std::move(from), kind, std::move(done));
  core_->settle();
}

void Peer::on_ring_change(std::move_only_function<void()> changed) {
  core_->ring_change_handler = std::move(changed);
}

ResourceId Peer::resource_id(const std::string& resource_name) const {
  return core_->topology.hash(as_bytes(resource_name));
}

NodeId Peer::node_id() const {
  return core_->identity.node_id();
}

PeerStatus Peer::status() const {
  return core_->status();
}

PeerState Peer::state() const {
  return core_->state;
}

std::vector<AddressPort> Peer::known_peers() const {
  std::vector<AddressPort> addresses;
  for (auto& peer : core_->known_peers.list())
    addresses.push_back(std::move(peer.address));
  return addresses;
}

const config::ConfigurationDocument& Peer::configuration() const {
  return core_->document;
}

Result<void> Peer::update_configuration(std::string text) {
  auto taken = core_->config_updates.take(std::move(text));
  core_->settle();
  return taken;
}

Result<void> Peer::renew(security::Identity identity) {
  return core_->renew(std::move(identity));
}

Result<std::vector<NodeId>> Peer::verify_certificates(std::span<const Bytes> der_chain) {
  auto chain = core_->authenticator.verify_link(der_chain, core_->now.wall);
  if (!chain) return std::unexpected(chain.error());
  return (*chain)->certificate->node_ids();
}

void Peer::set_message_observer(transport::MessageObserver observer) {
  core_->transport.set_observer(std::move(observer));
}

}  // namespace carillon::peer
