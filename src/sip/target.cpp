#include "sip/target.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "sip/name_address.hpp"
#include "sip/route_set.hpp"

namespace carillon::sip {
namespace {

/// The contact as a Request-URI, which cannot have headers (RFC 3261, 19.1.1, table 1).
std::string request_uri_of(std::string_view contact) {
  return std::string{contact.substr(0, contact.find('?'))};
}

Target target_of(const LocalBinding& binding) {
  Target target;
  target.request_uri = request_uri_of(binding.contact());
  target.routes = binding.path();
  target.hop = binding.hop();
  target.on_flow = !binding.direct();
  target.q_thousandths = binding.q_thousandths();
  target.instance = binding.instance();
  return target;
}

/// A contact that another peer serves: called directly if any host can, else through that peer.
std::optional<Target> target_of(const LocatedBinding& located, const Transports& transports) {
  const auto& binding = located.binding;
  Target target;
  target.request_uri = request_uri_of(binding.contact);
  target.routes = binding.path;
  target.q_thousandths = binding.q_thousandths;
  target.instance = binding.instance;
  target.located = located;
  if (binding.flow_token.empty()) {
    const auto remote = received_address(binding.received);
    const auto* local = transports.local_for(Transport::udp, remote.host);
    if (remote.port == 0 || local == nullptr) return std::nullopt;
    target.hop = Hop{Transport::udp, local->id, remote, {}};
    return target;
  }
  if (located.peer_address.port == 0) return std::nullopt;
  target.routes.insert(
      target.routes.begin(),
      "<sip:" + binding.flow_token + "@" + located.peer_address.text() + ";transport=tls;lr>");
  target.peer_id = located.peer_id;
  target.peer_address = located.peer_address;
  return target;
}

const LocalBinding* find_own(const std::vector<LocalBinding>* own, const Binding& binding,
                             MonotonicTime now) {
  if (own == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*own, [&](const LocalBinding& known) {
    return known.expires() > now && same_phone(known.contact(), known.instance(), known.reg_id(),
                                               binding.contact, binding.instance, binding.reg_id);
  });
  return found == own->end() ? nullptr : &*found;
}

}  // namespace

std::vector<Target> targets_for(const std::vector<LocatedBinding>& located,
                                const std::vector<LocalBinding>* own,
                                const std::string& own_peer_id, const Transports& transports,
                                MonotonicTime now) {
  std::vector<Target> targets;
  for (const auto& found : located) {
    std::optional<Target> target;
    // Of an AOR that we know nothing of (any more: we were restarted), what needs no flow holds.
    const bool forgotten = own == nullptr && found.binding.flow_token.empty();
    if (found.peer_id == own_peer_id && !forgotten) {
      // What we published may be older than what we know; what we do not know has ended.
      const auto* known = find_own(own, found.binding, now);
      if (known != nullptr) target = target_of(*known);
    } else {
      target = target_of(found, transports);
    }
    if (!target) continue;
    const auto same = std::ranges::find_if(targets, [&](const Target& other) {
      return !other.instance.empty() && other.instance == target->instance;
    });
    if (same == targets.end()) {
      targets.push_back(*std::move(target));
    } else {
      same->alternates.push_back(*std::move(target));
    }
  }
  std::ranges::stable_sort(targets, std::greater{}, &Target::q_thousandths);
  return targets;
}

Target with_servers(const Target& target, const std::vector<Server>& servers,
                    const Transports& transports) {
  std::vector<Target> found;
  for (const auto& [transport, address] : servers) {
    const auto* local = transports.local_for(transport, address.host);
    if (local == nullptr || address.host == target.not_to) continue;
    auto& next = found.emplace_back(target);
    next.server.reset();
    next.alternates.clear();
    next.hop = Hop{transport, local->id, address, {}};
  }
  if (found.empty()) return target;
  auto first = std::move(found.front());
  first.alternates.assign(std::make_move_iterator(std::next(found.begin())),
                          std::make_move_iterator(found.end()));
  first.alternates.insert(first.alternates.end(), target.alternates.begin(),
                          target.alternates.end());
  return first;
}

Target with_next(const Target& target) {
  auto next = target.alternates.front();
  next.alternates.assign(std::next(target.alternates.begin()), target.alternates.end());
  return next;
}

std::optional<Target> target_at(const Uri& next_hop, std::string request_uri,
                                const Transports& transports) {
  const auto transport = next_hop.transport();
  if (!next_hop.is_sip() || !transport) return std::nullopt;
  Target target;
  target.request_uri = std::move(request_uri);
  const auto remote = next_hop.host_port();
  target.peer_id = param_value(next_hop.params, peer_id_param);
  if (*transport == Transport::tls && !target.peer_id.empty()) {
    target.peer_address = remote;
    return target;
  }
  if (is_web_socket(*transport)) return std::nullopt;  // Nobody can connect to a browser.
  target.server_name = next_hop.host;
  if (!canonical_ip(next_hop.host)) {
    target.server = ServerQuery{next_hop.host, next_hop.port, {}, next_hop.is_sips()};
    if (next_hop.param("transport") != nullptr) target.server->transport = transport;
    return target;
  }
  const auto* local = transports.local_for(*transport, remote.host);
  if (local == nullptr) return std::nullopt;
  target.hop = Hop{*transport, local->id, remote, {}};
  return target;
}

}  // namespace carillon::sip
