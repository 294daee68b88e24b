#include "sip/domains.hpp"

#include <algorithm>
#include <tuple>

#include "sip/phone_number.hpp"

namespace carillon::sip {

std::optional<std::string> Domains::served(const Uri& uri) const {
  if (!uri.is_sip()) return std::nullopt;
  const auto& domains = context_.options.domains;
  if (std::ranges::find(domains, uri.host) != domains.end()) return uri.host;
  if (!context_.options.address_is_domain || domains.empty()) return std::nullopt;
  const auto host = canonical_ip(uri.host).value_or(uri.host);
  const bool ours = uri.port == 0 ? transports_.is_own_host(host) : is_own_address(uri);
  return ours ? std::optional{domains.front()} : std::nullopt;
}

std::optional<std::string> Domains::served_aor(const Uri& uri) const {
  auto domain = served(uri);
  if (!domain || uri.user.empty()) return std::nullopt;
  return canonical_user(uri) + "@" + *domain;
}

bool Domains::is_allowed_foreign(const Uri& uri) const {
  return std::ranges::find(context_.options.foreign_domains, uri.host) !=
         context_.options.foreign_domains.end();
}

bool Domains::is_own_address(const Uri& uri) const {
  return uri.is_sip() && transports_.is_own(uri.host_port());
}

bool Domains::is_own_record(const Uri& uri) const {
  return is_own_address(uri) || (uri.is_sip() && !context_.options.record_route.empty() &&
                                 uri.host == context_.options.record_route);
}

bool Domains::is_own_route(const Uri& uri) const {
  // What we write ourselves has a token for a user.
  if (is_own_record(uri)) return true;
  if (!uri.is_sip() || !uri.user.empty()) return false;
  const auto& [domains, names] = std::tie(context_.options.domains, context_.options.names);
  const auto is_host = [&uri](const std::string& name) { return name == uri.host; };
  return std::ranges::any_of(domains, is_host) || std::ranges::any_of(names, is_host);
}

std::string Domains::default_domain() const {
  const auto& domains = context_.options.domains;
  return domains.empty() ? std::string{} : domains.front();
}

}  // namespace carillon::sip
