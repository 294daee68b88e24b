#include "sip/local_binding.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace carillon::sip {

LocalBinding::LocalBinding(const RegisterRequest& request, const RegisterContact& contact, Now now,
                           seconds stored_lifetime)
    : expires_(now.monotonic + contact.expires),
      updated_(now.wall),
      stored_until_(now.wall + stored_lifetime),
      flow_(request.source.flow),
      local_(request.source.local),
      cseq_(request.cseq),
      reg_id_(contact.reg_id),
      granted_s_(static_cast<std::uint32_t>(contact.expires.count())),
      stored_s_(static_cast<std::uint32_t>(stored_lifetime.count())),
      q_(contact.q_thousandths),
      transport_(request.source.transport),
      direct_(request.direct_address(contact).has_value()) {
  pack(contact.uri_text, request.call_id, contact.instance, request.received(contact),
       request.path);
}

LocalBinding::LocalBinding(const Binding& published, const Hop& hop, Now now)
    : expires_(now.monotonic + seconds{published.granted_s}),
      updated_(published.updated),
      stored_until_(published.expires),
      flow_(hop.flow),
      local_(hop.local),
      cseq_(published.cseq),
      reg_id_(published.reg_id),
      granted_s_(published.granted_s),
      // Unknown; with zero the next refresh publishes anew if the rest is short.
      stored_s_(published.granted_s),
      q_(published.q_thousandths),
      transport_(hop.transport),
      direct_(true) {
  pack(published.contact, published.call_id, published.instance, published.received,
       published.path);
}

void LocalBinding::pack(std::string_view contact, std::string_view call_id,
                        std::string_view instance, std::string_view received,
                        const std::vector<std::string>& path) {
  std::size_t size = contact.size() + call_id.size() + instance.size() + received.size() + 3;
  for (const auto& value : path)
    size += value.size() + 1;
  texts_.clear();
  texts_.reserve(size);
  texts_.append(contact).append("\n").append(call_id).append("\n").append(instance);
  texts_.append("\n").append(received);
  for (const auto& value : path)
    texts_.append("\n").append(value);
}

std::string_view LocalBinding::text(std::size_t index) const {
  std::string_view rest{texts_};
  for (; index != 0; --index) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

std::vector<std::string> LocalBinding::path() const {
  std::vector<std::string> out;
  for (std::size_t i = path_index; !text(i).empty(); ++i)
    out.emplace_back(text(i));
  return out;
}

Hop LocalBinding::hop() const {
  return {transport_, local_, received_address(received()), flow_};
}

bool LocalBinding::matches(const RegisterContact& wanted) const {
  if (!instance().empty() && !wanted.instance.empty()) {
    return instance() == wanted.instance && reg_id_ == wanted.reg_id;
  }
  if (contact() == wanted.uri_text) return true;
  // Most differ in length or host already; the full comparison of 19.1.4 decides.
  const auto ours = Uri::parse(contact());
  return ours && equivalent(*ours, wanted.uri);
}

bool LocalBinding::is_refreshed_by(const RegisterRequest& request,
                                   const RegisterContact& wanted) const {
  return contact() == wanted.uri_text && instance() == wanted.instance &&
         // Another Call-ID ends temporary GRUUs (RFC 5627, 3.2): all must know it.
         (instance().empty() || call_id() == request.call_id) && reg_id_ == wanted.reg_id &&
         q_ == wanted.q_thousandths &&
         granted_s_ == static_cast<std::uint32_t>(wanted.expires.count()) &&
         flow_ == request.source.flow && local_ == request.source.local &&
         received() == request.received(wanted) && path() == request.path;
}

bool LocalBinding::is_stored_long_enough(WallTime now) const {
  return stored_until_ - now > seconds{stored_s_} / 2 && stored_until_ - now > seconds{granted_s_};
}

void LocalBinding::refresh(const RegisterRequest& request, Now now) {
  expires_ = now.monotonic + seconds{granted_s_};
  cseq_ = request.cseq;
  if (call_id() != request.call_id) {
    pack(std::string{contact()}, request.call_id, std::string{instance()}, std::string{received()},
         path());
  }
}

Binding LocalBinding::published(std::string_view aor, const FlowTokens& tokens,
                                WallTime now) const {
  Binding out;
  out.contact = contact();
  out.q_thousandths = q_;
  out.call_id = call_id();
  out.cseq = cseq_;
  out.instance = instance();
  out.reg_id = reg_id_;
  out.path = path();
  out.received = received();
  if (!direct_) {
    out.flow_token = tokens.make(TokenPurpose::contact, {hop(), std::string{aor}, {}}, {}, now);
  }
  out.updated = updated_;
  out.expires = stored_until_;
  out.granted_s = granted_s_;
  return out;
}

HostPort received_address(std::string_view received) {
  const auto first = received.find(':');
  const auto last = received.rfind(':');
  if (first == std::string_view::npos || last <= first) return {};
  const auto port = decimal(received.substr(last + 1), 65535);
  const auto host = canonical_ip(received.substr(first + 1, last - first - 1));
  if (!port || !host) return {};
  return {*host, static_cast<std::uint16_t>(*port)};
}

}  // namespace carillon::sip
