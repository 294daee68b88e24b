#include "sip/register_request.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/request_check.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::uint64_t max_delta_seconds = 0xffffffff;

/// A number of seconds; what is not one counts as the default (10.2.1.1).
seconds expires_from(std::string_view text, const SipOptions& options) {
  const auto value = decimal(trim(text), max_delta_seconds);
  return value ? seconds{static_cast<std::int64_t>(*value)} : options.default_expires;
}

bool has_ob(const std::vector<std::string>& path) {
  if (path.empty()) return false;
  const auto hop = NameAddress::parse(path.back());
  return hop && hop->uri.param("ob") != nullptr;
}

Result<RegisterContact> read_contact(std::string_view text, seconds default_expires,
                                     const SipOptions& options) {
  auto address = NameAddress::parse(text);
  if (!address) return fail(ErrorCode::malformed, "Contact", "Malformed Contact");
  if (!address->uri.is_sip()) return fail(ErrorCode::malformed, "Contact", "Contact is no SIP URI");
  RegisterContact contact;
  contact.uri_text = std::move(address->uri_text);
  contact.uri = std::move(address->uri);
  contact.expires = default_expires;
  for (const auto& param : address->params) {
    const auto value = param.value.value_or("");
    if (iequals(param.name, "expires")) {
      contact.expires = expires_from(value, options);
    } else if (iequals(param.name, "q")) {
      contact.q_thousandths = q_from(value);
    } else if (iequals(param.name, "+sip.instance")) {
      contact.instance = unquoted(value);
    } else if (iequals(param.name, "reg-id")) {
      contact.reg_id = static_cast<std::uint32_t>(decimal(value, 0x7fffffff).value_or(0));
    }
  }
  if (has_control_character(contact.instance) || contact.instance.find('"') != std::string::npos) {
    return fail(ErrorCode::malformed, "Contact", "Malformed +sip.instance");
  }
  if (contact.instance.empty()) contact.reg_id = 0;
  contact.expires = std::min(contact.expires, options.max_expires);
  return contact;
}

}  // namespace

Result<RegisterRequest> read_register(const IncomingRequest& incoming, const SipOptions& options) {
  const auto& message = incoming.message;
  RegisterRequest out;
  out.call_id = message.header(HeaderId::call_id);
  out.cseq = incoming.cseq;
  out.source = incoming.source.hop;
  out.translated = is_translated(incoming);
  const auto header = message.header(HeaderId::expires);
  const auto default_expires =
      header.empty() ? options.default_expires : expires_from(header, options);
  const auto count = message.count(HeaderId::contact);
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = message.header(HeaderId::contact, i);
    if (text == "*") {
      // Only alone and with Expires: 0 (10.2.2).
      if (count != 1 || header.empty() || default_expires.count() != 0) {
        return fail(ErrorCode::malformed, "Contact", "Contact * needs Expires: 0 and no other");
      }
      out.remove_all = true;
      return out;
    }
    auto contact = read_contact(text, default_expires, options);
    if (!contact) return std::unexpected(contact.error());
    out.contacts.push_back(*std::move(contact));
  }
  for (std::size_t i = 0; i < message.count(HeaderId::path); ++i) {
    const auto value = message.header(HeaderId::path, i);
    const auto hop = NameAddress::parse(value);
    if (!hop || !hop->uri.is_sip()) return fail(ErrorCode::malformed, "Path", "Malformed Path");
    out.path.emplace_back(value);
  }
  const bool has_flows = std::ranges::any_of(
      out.contacts, [](const RegisterContact& contact) { return contact.reg_id != 0; });
  if (has_flows && has_option(message, HeaderId::supported, "outbound")) {
    out.outbound = true;
    // The last Path is that of the phone's first hop.
    out.lacks_outbound = message.count(HeaderId::via) > 1 && !has_ob(out.path);
  }
  return out;
}

/// A phone may send from another port than it listens at: that alone is no NAT.
std::optional<HostPort> RegisterRequest::direct_address(const RegisterContact& contact) const {
  if (source.transport != Transport::udp || translated) return std::nullopt;
  const auto if_sender = [this](const Uri& uri) -> std::optional<HostPort> {
    auto address = uri.host_port();
    if (uri.transport() != Transport::udp || address.host != source.remote.host) return {};
    return address;
  };
  if (path.empty()) return if_sender(contact.uri);
  const auto hop = NameAddress::parse(path.front());
  return hop ? if_sender(hop->uri) : std::nullopt;
}

std::string RegisterRequest::received(const RegisterContact& contact) const {
  return std::string{uri_name(source.transport)} + ":" +
         direct_address(contact).value_or(source.remote).text();
}

std::uint16_t q_from(std::string_view text) {
  text = trim(text);
  const auto dot = text.find('.');
  const auto whole = decimal(text.substr(0, dot), 1);
  if (!whole) return 1000;
  if (*whole == 1 || dot == std::string_view::npos) return *whole == 1 ? 1000 : 0;
  std::string digits{text.substr(dot + 1).substr(0, 3)};
  digits.resize(3, '0');
  return static_cast<std::uint16_t>(decimal(digits, 999).value_or(1000));
}

std::string q_text(std::uint16_t thousandths) {
  if (thousandths >= 1000) return "1";
  auto digits = std::to_string(1000 + thousandths).substr(1);
  while (digits.size() > 1 && digits.back() == '0')
    digits.pop_back();
  return "0." + digits;
}

}  // namespace carillon::sip
