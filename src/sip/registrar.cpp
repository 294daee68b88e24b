#include "sip/registrar.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sip/request_check.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// Extensions that a REGISTER may require of us.
constexpr std::array<std::string_view, 3> known_extensions{"path", "outbound", "gruu"};

}  // namespace

Registrar::Registrar(CoreContext& context, Transports& transports, TransactionLayer& transactions,
                     Responder& responder, Authenticator& authenticator, const Domains& domains,
                     const FlowTokens& tokens, LocationService& locations)
    : context_(context),
      transports_(transports),
      transactions_(transactions),
      responder_(responder),
      authenticator_(authenticator),
      domains_(domains),
      tokens_(tokens),
      locations_(locations),
      records_(0, KeyedStringHash{context.hash}),
      clock_(context) {}

bool Registrar::refuse_early(const IncomingRequest& request) {
  if (draining_) {
    responder_.reply_stateless(request, 503, "Leaving");
    return true;
  }
  std::string unsupported;
  for (const auto& tag : request.message.tokens(HeaderId::require)) {
    if (std::ranges::any_of(known_extensions, [&](auto known) { return iequals(known, tag); })) {
      continue;
    }
    unsupported += (unsupported.empty() ? "" : ", ") + tag;
  }
  if (unsupported.empty()) return false;
  auto response = responder_.make(request, 420);
  response.append(HeaderId::unsupported, unsupported);
  responder_.send_stateless(request, response);
  return true;
}

void Registrar::handle_request(IncomingRequest request) {
  if (refuse_early(request)) return;
  const auto aor = domains_.served_aor(request.to);
  if (!request.to.is_sip()) return responder_.reply_stateless(request, 400, "To is no SIP URI");
  if (!aor) return responder_.reply_stateless(request, 404, "Unknown domain");
  const auto realm = aor->substr(aor->rfind('@') + 1);
  const bool trusted = context_.trusts(request.source);
  auto credentials =
      trusted ? std::nullopt
              : Authenticator::credentials(request.message, HeaderId::authorization, realm);
  if (!trusted && !credentials) {
    // Without a transaction: strangers shall leave nothing behind (8.2.7).
    return responder_.send_stateless(
        request, authenticator_.challenge(request.message, HeaderId::authorization, realm, false,
                                          responder_.tag(request)));
  }
  if (!trusted && context_.guard.is_being_guessed(*aor, context_.now.monotonic) &&
      !is_registered_from(*aor, request.source.hop.remote.host)) {
    return responder_.reply_stateless(request, 503, "Too many wrong passwords");
  }
  if (transactions_.is_merged(request)) return responder_.reply_stateless(request, 482, "Merged");
  const auto server = transactions_.create_server(request);
  if (!server) {
    ++context_.counters.overloaded;
    return responder_.reply_stateless(request, 503);
  }
  transactions_.note_for_merge(*server, request);
  if (trusted) {
    return accept(*server, std::move(request), *aor,
                  {.kind = AuthVerdict::Kind::accepted, .user = *aor, .fresh = true});
  }
  authenticator_.authenticate(
      *std::move(credentials), "REGISTER", realm, context_.options.refresh_credential_age,
      UserQuestion::credential_and_bindings,
      [this, server = *server, aor = *aor, realm,
       request = std::move(request)](AuthVerdict verdict) mutable {
        handle_verdict(server, std::move(request), aor, realm, std::move(verdict));
      });
}

void Registrar::handle_verdict(TransactionId server, IncomingRequest&& request,
                               const std::string& aor, const std::string& realm,
                               AuthVerdict verdict) {
  using Kind = AuthVerdict::Kind;
  if (verdict.guessed) {
    context_.guard.note_failure(request.source, aor, context_.now.monotonic);
  }
  switch (verdict.kind) {
    case Kind::accepted:
      if (verdict.user != aor) return responder_.reply(server, request, 403, "Not your address");
      return accept(server, std::move(request), aor, std::move(verdict));
    case Kind::challenge:
    case Kind::stale:
      return responder_.send(
          server, authenticator_.challenge(request.message, HeaderId::authorization, realm,
                                           verdict.kind == Kind::stale, responder_.tag(request)));
    case Kind::unknown_user:
      return responder_.reply(server, request, verdict.user == aor ? 404 : 403);
    case Kind::unavailable:
      return responder_.reply(server, request, 503);
  }
}

void Registrar::accept(TransactionId server, IncomingRequest&& incoming, const std::string& aor,
                       AuthVerdict verdict) {
  auto request = read_register(incoming, context_.options);
  if (!request) return responder_.reply(server, incoming, 400, request.error().detail);
  if (request->lacks_outbound) {
    // A trusted server's phones register as if they knew no outbound; others must know (RFC 5626,
    // 6).
    if (!context_.trusts(incoming.source)) return responder_.reply(server, incoming, 439);
    for (auto& contact : request->contacts)
      contact.reg_id = 0;
    request->outbound = false;
  }
  const bool too_brief =
      std::ranges::any_of(request->contacts, [&](const RegisterContact& contact) {
        return contact.expires.count() != 0 && contact.expires < context_.options.min_expires;
      });
  if (too_brief) return responder_.reply(server, incoming, 423);
  const auto found = records_.find(aor);
  if (found != records_.end() && !found->second.busy &&
      try_refresh(*found, server, incoming, *request)) {
    return;
  }
  AorOperation operation{server, std::move(incoming), *std::move(request),
                         std::move(verdict.located)};
  if (verdict.fresh) return change(aor, std::move(operation));
  // What changes something must come from somebody who is a user still (decision 11).
  const auto realm = aor.substr(aor.rfind('@') + 1);
  auto credentials =
      Authenticator::credentials(operation.incoming.message, HeaderId::authorization, realm);
  if (!credentials) return responder_.reply(server, operation.incoming, 500);
  authenticator_.confirm(
      *std::move(credentials), "REGISTER", realm, UserQuestion::credential_and_bindings,
      [this, aor, realm, operation = std::move(operation)](AuthVerdict confirmed) mutable {
        if (confirmed.kind == AuthVerdict::Kind::accepted) {
          operation.located = std::move(confirmed.located);
          return change(aor, std::move(operation));
        }
        handle_verdict(operation.server, std::move(operation.incoming), aor, realm,
                       std::move(confirmed));
      });
}

/// The user's own phone shall not be locked out by strangers who guess.
bool Registrar::is_registered_from(std::string_view aor, std::string_view host) const {
  const auto* known = bindings(aor);
  return known != nullptr && std::ranges::any_of(*known, [&](const LocalBinding& binding) {
           return binding.expires() > context_.now.monotonic &&
                  received_address(binding.received()).host == host;
         });
}

void Registrar::change(const std::string& aor, AorOperation operation) {
  if (!context_.guard.admit_user(aor, context_.now.monotonic)) {
    return responder_.reply(operation.server, operation.incoming, 503, "Too many requests");
  }
  auto found = records_.find(aor);
  if (found == records_.end()) {
    if (records_.size() >= context_.options.limits.aors) {
      ++context_.counters.overloaded;
      return responder_.reply(operation.server, operation.incoming, 503);
    }
    found = records_.try_emplace(aor).first;
  }
  enqueue(*found, std::move(operation));
}

bool Registrar::try_refresh(Item& item, TransactionId server, const IncomingRequest& incoming,
                            const RegisterRequest& request) {
  auto& record = item.second;
  if (record.dirty || request.contacts.empty() || record.bindings.empty()) return false;
  std::array<LocalBinding*, 4> refreshed{};
  if (request.contacts.size() > refreshed.size()) return false;
  for (std::size_t i = 0; i < request.contacts.size(); ++i) {
    const auto& contact = request.contacts[i];
    const auto known = std::ranges::find_if(record.bindings, [&](const LocalBinding& binding) {
      return binding.contact() == contact.uri_text;
    });
    if (known == record.bindings.end() || !known->confirmed() ||
        !known->is_refreshed_by(request, contact) || known->expires() <= context_.now.monotonic ||
        !known->is_stored_long_enough(context_.now.wall) || !known->is_next(request)) {
      return false;
    }
    refreshed.at(i) = &*known;
  }
  for (auto* binding : refreshed) {
    if (binding != nullptr) binding->refresh(request, context_.now);
  }
  ++context_.counters.refreshes;
  send_bindings(item, server, incoming);
  return true;
}

/// RFC 5627, 5.3.
std::string Registrar::gruu_params(std::string_view aor, std::string_view instance,
                                   std::string_view call_id) const {
  const auto permanent = Gruus::make_public(aor, instance);
  if (permanent.empty()) return {};
  return ";pub-gruu=\"" + permanent + "\";temp-gruu=\"" +
         context_.gruus.make_temporary(aor, instance, call_id, context_.now.wall) + "\"";
}

/// RFC 5626, 6 and 4.4.1; RFC 3608.
void Registrar::append_flow_headers(const Item& item, const IncomingRequest& incoming,
                                    SipMessage& response) {
  const auto& hop = incoming.source.hop;
  const bool outbound = has_option(incoming.message, HeaderId::supported, "outbound") &&
                        std::ranges::any_of(item.second.bindings, [&](const LocalBinding& binding) {
                          return binding.reg_id() != 0 &&
                                 binding.call_id() == incoming.message.header(HeaderId::call_id);
                        });
  if (outbound) {
    response.append(HeaderId::require, "outbound");
    if (hop.flow != FlowId::none) {
      response.append("Flow-Timer", std::to_string(context_.options.flow_timer.count()));
      transports_.expect_keepalives(hop.flow, context_.now.monotonic);
    }
  }
  const auto* local = transports_.local(hop.local);
  if (!context_.options.service_route || local == nullptr) return;
  std::string route = "<sip:" + local->advertised.text();
  if (hop.transport != Transport::udp) route.append(";transport=").append(uri_name(hop.transport));
  response.append("Service-Route", route + ";lr>");
}

void Registrar::send_bindings(Item& item, TransactionId server, const IncomingRequest& incoming) {
  const auto& record = item.second;
  auto response = responder_.make(incoming, 200);
  const bool gruus = has_option(incoming.message, HeaderId::supported, "gruu");
  const auto add = [&](std::string_view contact, std::uint16_t q, std::int64_t expires,
                       std::string_view instance, std::uint32_t reg_id, std::string_view call_id) {
    std::string value;
    value.reserve(contact.size() + instance.size() + 64);
    value.append("<").append(contact).append(">;expires=").append(std::to_string(expires));
    if (q < 1000) value.append(";q=").append(q_text(q));
    if (!instance.empty()) value.append(";+sip.instance=\"").append(instance).append("\"");
    if (reg_id != 0) value.append(";reg-id=").append(std::to_string(reg_id));
    if (gruus && !instance.empty()) value.append(gruu_params(item.first, instance, call_id));
    response.append(HeaderId::contact, value);
  };
  for (const auto& binding : record.bindings) {
    const auto left = std::chrono::ceil<seconds>(binding.expires() - context_.now.monotonic);
    if (left.count() > 0 && binding.confirmed()) {
      add(binding.contact(), binding.q_thousandths(), left.count(), binding.instance(),
          binding.reg_id(), binding.call_id());
    }
  }
  if (record.more) {
    for (const auto& [binding, peer_id, address] : record.more->foreign) {
      const auto left = std::chrono::ceil<seconds>(binding.expires - context_.now.wall);
      const bool ours =
          std::ranges::any_of(record.bindings, [&, &other = binding](const auto& own) {
            return own.confirmed() && same_phone(own.contact(), own.instance(), own.reg_id(),
                                                 other.contact, other.instance, other.reg_id);
          });
      if (left.count() > 0 && !ours) {
        add(binding.contact, binding.q_thousandths,
            std::min<std::int64_t>(left.count(), binding.granted_s), binding.instance,
            binding.reg_id, binding.call_id);
      }
    }
  }
  for (std::size_t i = 0; i < incoming.message.count(HeaderId::path); ++i) {
    response.append(HeaderId::path, incoming.message.header(HeaderId::path, i));
  }
  append_flow_headers(item, incoming, response);
  response.append(HeaderId::date, responder_.date());
  responder_.send(server, response);
}

const std::vector<LocalBinding>* Registrar::bindings(std::string_view aor) const {
  const auto found = records_.find(aor);
  return found == records_.end() ? nullptr : &found->second.bindings;
}

std::vector<std::string> Registrar::own_aors() const {
  std::vector<std::string> aors;
  aors.reserve(records_.size());
  for (const auto& [aor, record] : records_)
    aors.push_back(aor);
  return aors;
}

std::optional<OwnEntry> Registrar::own_entry(std::string_view aor) const {
  const auto found = records_.find(aor);
  if (found == records_.end()) return std::nullopt;
  const auto& record = found->second;
  auto entry =
      entry_of(aor, record.bindings, record.more ? record.more->removals : std::vector<Removal>{});
  if (entry.empty()) return std::nullopt;
  return entry;
}

std::size_t Registrar::binding_count() const {
  std::size_t count = 0;
  for (const auto& [aor, record] : records_)
    count += record.bindings.size();
  return count;
}

}  // namespace carillon::sip
