#include "sip/reg_events.hpp"

#include <algorithm>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr seconds default_subscription{3761};  // RFC 3680, 4.3
constexpr seconds between_notifies{5};
constexpr std::uint64_t longest_expires = 0xffffffff;

}  // namespace

RegEvents::RegEvents(CoreContext& context, Transports& transports, TransactionLayer& transactions,
                     Responder& responder, LocationService& locations)
    : context_(context),
      transports_(transports),
      transactions_(transactions),
      responder_(responder),
      locations_(locations) {}

bool RegEvents::concerns(const SipMessage& request) {
  if (request.method() != Method::subscribe) return false;
  const auto event = request.header(HeaderId::event);
  return iequals(trim(event.substr(0, event.find(';'))), "reg");
}

/// Zero: only to be told once. Nothing: too short.
std::optional<seconds> RegEvents::lifetime_of(const SipMessage& request) const {
  if (!request.has(HeaderId::expires)) return default_subscription;
  const auto value = decimal(trim(request.header(HeaderId::expires)), longest_expires);
  if (!value) return default_subscription;
  const seconds wanted{static_cast<std::int64_t>(*value)};
  if (wanted.count() != 0 && wanted < context_.options.min_expires) return std::nullopt;
  return std::min(wanted, context_.options.max_expires);
}

std::string RegEvents::own_contact(const Hop& hop) const {
  const auto* local = transports_.local(hop.local);
  if (local == nullptr) return {};
  std::string out = "<sip:" + local->advertised.text();
  if (hop.transport != Transport::udp) out.append(";transport=").append(uri_name(hop.transport));
  return out + ">";
}

/// A NOTIFY goes where the SUBSCRIBE came from, along its recorded route (RFC 6665, 4.2.2).
SipMessage RegEvents::common_part(const IncomingRequest& request, const std::string& tag) const {
  const auto& from = request.message;
  const auto contact = NameAddress::parse(from.header(HeaderId::contact));
  auto notify = SipMessage::request("NOTIFY", contact ? contact->uri_text : std::string{});
  notify.append(HeaderId::max_forwards, "70");
  for (std::size_t i = 0; i < from.count(HeaderId::record_route); ++i)
    notify.append(HeaderId::route, from.header(HeaderId::record_route, i));
  const auto to = from.header(HeaderId::to);
  notify.append(HeaderId::from,
                tag_of(to).empty() ? std::string{to}.append(";tag=").append(tag) : std::string{to});
  notify.append(HeaderId::to, from.header(HeaderId::from));
  notify.append(HeaderId::call_id, from.header(HeaderId::call_id));
  notify.append(HeaderId::contact, own_contact(request.source.hop));
  notify.append(HeaderId::event, from.header(HeaderId::event));
  return notify;
}

bool RegEvents::is_full(std::string_view aor) const {
  return subscriptions_.size() >= context_.options.limits.subscriptions ||
         tags_of_aor_.count(std::string{aor}) >= context_.options.limits.subscriptions_per_aor;
}

void RegEvents::subscribe(TransactionId server, const IncomingRequest& request, std::string aor) {
  const auto lifetime = lifetime_of(request.message);
  if (!lifetime) return responder_.reply(server, request, 423);
  if (!NameAddress::parse(request.message.header(HeaderId::contact))) {
    return responder_.reply(server, request, 400, "Missing Contact");
  }
  if (is_full(aor)) {
    ++context_.counters.overloaded;
    return responder_.reply(server, request, 503, "Too many subscriptions");
  }
  const auto held = std::make_shared<Subscription>(context_, aor);
  held->tag = responder_.tag(request);
  if (!subscriptions_.emplace(held->tag, held).second) {
    return responder_.reply(server, request, 482, "Merged");
  }
  tags_of_aor_.emplace(std::move(aor), held->tag);
  auto response = responder_.make(request, 200);
  accept(request, held, *lifetime, response);
  responder_.send(server, response);
}

bool RegEvents::renew(const IncomingRequest& request) {
  if (request.message.method() != Method::subscribe) return false;
  const auto found = subscriptions_.find(std::string{tag_of(request.message.header(HeaderId::to))});
  if (found == subscriptions_.end()) return false;
  const auto held = found->second;
  if (held->notify.header(HeaderId::call_id) != request.message.header(HeaderId::call_id)) {
    return false;
  }
  const auto lifetime = lifetime_of(request.message);
  if (!lifetime || !NameAddress::parse(request.message.header(HeaderId::contact))) {
    responder_.reply_stateless(request, lifetime ? 400 : 423);
    return true;
  }
  auto response = responder_.make(request, 200);
  accept(request, held, *lifetime, response);
  responder_.send_stateless(request, response);
  return true;
}

void RegEvents::accept(const IncomingRequest& request, const Held& held, seconds lifetime,
                       SipMessage& response) {
  held->notify = common_part(request, held->tag);
  held->hop = request.source.hop;
  held->expires = context_.now.monotonic + lifetime;
  held->full = true;
  held->not_before = {};
  response.append(HeaderId::expires, std::to_string(lifetime.count()));
  response.append(HeaderId::contact, own_contact(request.source.hop));
  for (std::size_t i = 0; i < request.message.count(HeaderId::record_route); ++i)
    response.append(HeaderId::record_route, request.message.header(HeaderId::record_route, i));
  ask_soon(held);
}

void RegEvents::note_change(std::string_view aor) {
  const auto [first, last] = tags_of_aor_.equal_range(std::string{aor});
  for (auto i = first; i != last; ++i) {
    const auto found = subscriptions_.find(i->second);
    if (found != subscriptions_.end()) ask_soon(found->second);
  }
}

/// Never from inside: whoever tells us of a change is in the middle of it.
void RegEvents::ask_soon(const Held& held) {
  const auto wait = std::max(held->not_before - context_.now.monotonic, MonotonicClock::duration{});
  held->timer.set(wait, [this, weak = std::weak_ptr{held}] {
    if (const auto live = weak.lock()) ask(live);
  });
}

void RegEvents::ask(const Held& held) {
  if (held->asking) {
    held->again = true;
    return;
  }
  held->asking = true;
  ++context_.counters.lookups;
  locations_.lookup(held->aor,
                    [this, weak = std::weak_ptr{held}, alive = std::weak_ptr{context_.alive}](
                        Result<std::vector<LocatedBinding>> located) {
                      const auto live = weak.lock();
                      if (alive.expired() || !live) return;
                      live->asking = false;
                      if (located) return tell(live, *located);
                      // What cannot be asked now is asked next time; an ended subscription is ended
                      // all the same.
                      if (live->expires <= context_.now.monotonic) return forget(live->tag);
                      look_later(live);
                    });
}

void RegEvents::tell(const Held& held, const std::vector<LocatedBinding>& located) {
  const auto now = context_.now;
  const bool over = held->expires <= now.monotonic;
  const auto document = held->info.document(located, now.wall, held->full || over);
  held->full = false;
  if (!document.empty()) send(held, document);
  if (over) return forget(held->tag);
  if (std::exchange(held->again, false)) return ask_soon(held);
  look_later(held);
}

void RegEvents::look_later(const Held& held) {
  const auto now = context_.now.monotonic;
  const auto next = std::min(now + context_.options.reg_event_poll, held->expires);
  held->timer.set(next - now, [this, weak = std::weak_ptr{held}] {
    if (const auto live = weak.lock()) ask(live);
  });
}

void RegEvents::send(const Held& held, const std::string& document) {
  auto notify = held->notify;
  const auto now = context_.now.monotonic;
  const auto left = std::chrono::ceil<seconds>(held->expires - now).count();
  notify.append(HeaderId::cseq, std::to_string(++held->cseq) + " NOTIFY");
  notify.append("Subscription-State", left > 0 ? "active;expires=" + std::to_string(left)
                                               : std::string{"terminated;reason=timeout"});
  notify.append(HeaderId::content_type, "application/reginfo+xml");
  notify.set_body(document);
  const auto branch = transactions_.make_branch(context_.random.u64());
  notify.prepend(HeaderId::via, transports_.via(held->hop, branch));
  held->not_before = now + between_notifies;
  const auto client = transactions_.create_client(std::move(notify), held->hop);
  if (client) notifies_.emplace(*client, held->tag);
}

void RegEvents::handle_response(TransactionId client, const SipMessage& response) {
  if (response.status() < 200) return;
  const auto notify = notifies_.extract(client);
  // Who does not know the subscription (481), or cannot be asked, has none (RFC 6665, 4.2.2).
  if (!notify.empty() && response.status() >= 300) forget(notify.mapped());
}

void RegEvents::handle_failure(TransactionId client) {
  const auto notify = notifies_.extract(client);
  if (!notify.empty()) forget(notify.mapped());
}

void RegEvents::forget(const std::string& tag) {
  const auto held = subscriptions_.extract(tag);
  if (held.empty()) return;
  const auto [first, last] = tags_of_aor_.equal_range(held.mapped()->aor);
  for (auto i = first; i != last; ++i) {
    if (i->second == held.key()) {
      tags_of_aor_.erase(i);
      break;
    }
  }
}

}  // namespace carillon::sip
