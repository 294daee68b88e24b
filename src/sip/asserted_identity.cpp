#include "sip/asserted_identity.hpp"

#include "sip/name_address.hpp"
#include "sip/phone_number.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// "Privacy: id": not to be told to anybody who is not trusted (RFC 3325, 9.3).
bool wants_privacy(const SipMessage& message) {
  for (std::size_t i = 0; i < message.count(HeaderId::privacy); ++i) {
    auto rest = message.header(HeaderId::privacy, i);
    while (!rest.empty()) {
      if (iequals(next_item(rest, ';'), "id")) return true;
    }
  }
  return false;
}

void keep_within(SipMessage& message, bool from_trusted, bool to_trusted) {
  if (!from_trusted || (!to_trusted && wants_privacy(message))) {
    message.remove_all(HeaderId::p_asserted_identity);
  }
}

/// The tel: URI of a user who is a number; a local one is one of our domain (RFC 3966, 5.1.5).
std::string tel_uri(std::string_view user, std::string_view domain) {
  if (!is_phone_number(user) || user.find(';') != std::string_view::npos) return {};
  auto out = "tel:" + escaped_user(without_separators(user));
  if (!user.starts_with('+')) out.append(";phone-context=").append(domain);
  return out;
}

}  // namespace

Uri claimed_caller(const IncomingRequest& request) {
  if (request.from.host != "anonymous.invalid") return request.from;
  auto values = request.message.header(HeaderId::p_preferred_identity);
  const auto preferred = NameAddress::parse(next_item(values, ','));
  return preferred ? preferred->uri : request.from;
}

bool AssertedIdentity::trusts(const Hop& hop) const {
  const auto& host = hop.remote.host;
  const auto& servers = context_.options.trusted;
  return hop.transport == Transport::tls_peer || trunks_.has(host) ||
         (!servers.empty() && servers.contains(host));
}

bool AssertedIdentity::is_trusted_trunk(const Target& target) const {
  return target.trunk && context_.options.trunks.at(*target.trunk).trusted;
}

/// How the caller wants to be called, if that is himself; else empty.
std::string AssertedIdentity::preferred(const IncomingRequest& request) const {
  auto values = request.message.header(HeaderId::p_preferred_identity);
  const auto value = next_item(values, ',');
  const auto name = NameAddress::parse(value);
  const bool own = name && name->params.empty() && !name->uri.has_headers &&
                   domains_.served_aor(name->uri) == request.caller;
  return own ? std::string{value} : std::string{};
}

void AssertedIdentity::assert_caller(SipMessage& message, const IncomingRequest& request) const {
  const auto at = request.caller.rfind('@');
  const auto user = std::string_view{request.caller}.substr(0, at);
  const auto domain = std::string_view{request.caller}.substr(at + 1);
  auto identity = preferred(request);
  if (identity.empty()) {
    identity = "<sip:" + escaped_user(user) + "@";
    identity.append(domain).append(">");
  }
  message.append(HeaderId::p_asserted_identity, identity);
  if (const auto tel = tel_uri(user, domain); !tel.empty()) {
    message.append(HeaderId::p_asserted_identity, "<" + tel + ">");
  }
}

void AssertedIdentity::pass_on(SipMessage& message, const IncomingRequest& request,
                               const Target& target, const Hop& hop) const {
  const bool trunk = is_trusted_trunk(target);
  // It was said to us, who can assert something.
  message.remove_all(HeaderId::p_preferred_identity);
  if (message.has(HeaderId::p_asserted_identity)) {
    keep_within(message, trusts(request.source.hop), trunk || trusts(hop));
  }
  if (trunk && !request.caller.empty() && !message.has(HeaderId::p_asserted_identity)) {
    assert_caller(message, request);
  }
}

void AssertedIdentity::pass_back(SipMessage& response, const Target& target, const Hop& hop,
                                 const Hop& back) const {
  if (response.has(HeaderId::p_asserted_identity)) {
    keep_within(response, is_trusted_trunk(target) || trusts(hop), trusts(back));
  }
}

}  // namespace carillon::sip
