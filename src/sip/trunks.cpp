#include "sip/trunks.hpp"

#include <algorithm>
#include <numeric>

#include "sip/phone_number.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// The Request-URI for a gateway: the number at its host, as gateways want it.
std::string at_gateway(const Uri& trunk, std::string_view user, const Uri& called) {
  auto out = trunk.scheme + ":" + escaped_user(user) + "@";
  out += host_text(trunk.host);
  if (trunk.port != 0) out.append(":").append(std::to_string(trunk.port));
  if (const auto* transport = trunk.param("transport"); transport != nullptr && transport->value) {
    out.append(";transport=").append(*transport->value);
  }
  const auto* kind = called.param("user");
  const bool said = kind != nullptr && iequals(kind->value.value_or(""), "phone");
  if (said || (user.starts_with('+') && is_phone_number(user))) out.append(";user=phone");
  return out;
}

}  // namespace

Trunks::Trunks(CoreContext& context, const Transports& transports)
    : context_(context), transports_(transports) {
  for (const auto& trunk : context.options.trunks) {
    if (auto uri = Uri::parse(trunk.uri); uri && uri->is_sip()) trunks_.push_back(*std::move(uri));
  }
  failed_until_.resize(trunks_.size());
}

bool Trunks::take(std::string_view user) const {
  if (trunks_.empty() || user.empty()) return false;
  return std::ranges::any_of(context_.options.trunk_for, [user](std::string_view rule) {
    if (rule == "everything") return true;
    if (rule == "numbers") return is_phone_number(user);
    return is_phone_number(user) && user.starts_with(rule);
  });
}

std::optional<Target> Trunks::target_at_trunk(std::size_t trunk, std::string_view user,
                                              const Uri& uri, std::string_view request_uri) const {
  const auto& at = trunks_.at(trunk);
  // With lr it is a proxy of ours on the way, else the gateway itself.
  const bool is_proxy = at.param("lr") != nullptr;
  auto target =
      target_at(at, is_proxy ? std::string{request_uri} : at_gateway(at, user, uri), transports_);
  if (!target) return std::nullopt;
  if (is_proxy) target->routes.push_back("<" + context_.options.trunks.at(trunk).uri + ">");
  target->trunk = trunk;
  return target;
}

std::optional<Target> Trunks::target_for(std::string_view user, const Uri& uri,
                                         std::string_view request_uri,
                                         std::string_view not_to) const {
  std::vector<std::size_t> order(trunks_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_partition(order, [this](std::size_t trunk) {
    return failed_until_.at(trunk) <= context_.now.monotonic;
  });
  std::optional<Target> first;
  for (const auto trunk : order) {
    auto target = target_at_trunk(trunk, user, uri, request_uri);
    if (!target || (target->hop && target->hop->remote.host == not_to)) continue;
    target->not_to = not_to;
    if (!first) {
      first = std::move(target);
    } else {
      first->alternates.push_back(*std::move(target));
    }
  }
  return first;
}

void Trunks::note_failure(std::size_t trunk) {
  failed_until_.at(trunk) = context_.now.monotonic + context_.options.trunk_rest;
  ++context_.counters.trunk_failures;
}

bool is_trunk_rule(std::string_view rule) {
  return rule == "numbers" || rule == "everything" ||
         (!rule.empty() && rule.find_first_not_of("0123456789*#+") == std::string_view::npos &&
          rule.find('+', 1) == std::string_view::npos);
}

}  // namespace carillon::sip
