#include "sip/trunk_addresses.hpp"

#include <algorithm>

#include "sip/target.hpp"

namespace carillon::sip {

TrunkAddresses::TrunkAddresses(CoreContext& context, const Transports& transports,
                               ServerLocator& locator)
    : context_(context), transports_(transports), locator_(locator), timer_(context) {
  for (const auto& trunk : context.options.trunks) {
    const auto uri = Uri::parse(trunk.uri);
    if (!trunk.trusted || !uri) continue;
    if (auto address = canonical_ip(uri->host)) fixed_.push_back(*std::move(address));
  }
}

void TrunkAddresses::start() {
  for (const auto& trunk : context_.options.trunks) {
    const auto uri = Uri::parse(trunk.uri);
    if (!trunk.trusted || !uri) continue;
    auto target = target_at(*uri, {}, transports_);
    if (target && target->server) named_.push_back({*std::move(target->server), {}});
  }
  if (!named_.empty()) look();
}

void TrunkAddresses::look() {
  for (auto& trunk : named_) {
    locator_.locate(trunk.query,
                    [&trunk, alive = std::weak_ptr{context_.alive}](const auto& servers) {
                      // While the DNS does not answer, the last answer holds.
                      if (alive.expired() || servers.empty()) return;
                      trunk.hosts.clear();
                      for (const auto& server : servers)
                        trunk.hosts.push_back(server.address.host);
                    });
  }
  timer_.set(interval, [this] { look(); });
}

bool TrunkAddresses::has(std::string_view host) const {
  const auto is_host = [host](const std::string& known) { return known == host; };
  return std::ranges::any_of(fixed_, is_host) ||
         std::ranges::any_of(named_, [&is_host](const Named& named) {
           return std::ranges::any_of(named.hosts, is_host);
         });
}

}  // namespace carillon::sip
