#include "sip/request_check.hpp"

#include <array>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/phone_number.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// Fills in received and rport (18.2.1; RFC 3581, 4) and works out where responses go.
void note_source(IncomingRequest& request) {
  auto& via = request.via;
  const auto& remote = request.source.hop.remote;
  const auto* rport = find_param(via.params, "rport");
  const bool wants_rport = rport != nullptr;
  const bool same_host = canonical_ip(via.host) == remote.host;
  if (wants_rport || !same_host) {
    remove_param(via.params, "received");
    remove_param(via.params, "rport");
    via.params.push_back({"received", remote.host});
    if (wants_rport) via.params.push_back({"rport", std::to_string(remote.port)});
    request.message.replace_first(HeaderId::via, via.text());
  }
  request.reply_to = request.source.hop;
  if (request.source.hop.transport == Transport::udp && !wants_rport) {
    request.reply_to.remote.port = via.sent_by().port;
  }
}

std::optional<BadRequest> check_addresses(IncomingRequest& request) {
  const auto& message = request.message;
  auto from = NameAddress::parse_uri(message.header(HeaderId::from));
  if (!from) return BadRequest{400, "Malformed From"};
  auto to = NameAddress::parse_uri(message.header(HeaderId::to));
  if (!to) return BadRequest{400, "Malformed To"};
  auto parsed = Uri::parse(message.request_uri());
  if (!parsed) return BadRequest{400, "Malformed Request-URI"};
  request.from = *std::move(from);
  request.to = *std::move(to);
  request.uri = *std::move(parsed);
  const auto& uri = request.uri;
  if (uri.scheme == "tel" && message.method() != Method::register_) {
    if (!TelUri::parse(message.request_uri())) return BadRequest{400, "Malformed Request-URI"};
    return std::nullopt;
  }
  if (!uri.is_sip()) return BadRequest{416, {}};
  // sips: promises TLS on every hop (26.2.2); this one has broken it already.
  if (uri.is_sips() && !is_secure(request.source.hop.transport)) return BadRequest{416, {}};
  if (uri.has_headers) return BadRequest{400, "Request-URI with headers"};
  return std::nullopt;
}

}  // namespace

std::optional<BadRequest> check_request(IncomingRequest& request) {
  auto& message = request.message;
  request.reply_to = request.source.hop;
  auto via = Via::parse(message.header(HeaderId::via));
  if (via) {
    request.via = *std::move(via);
    note_source(request);
  }
  if (!message.defect().empty()) {
    const bool long_uri = message.defect() == "Request-URI too long";
    return BadRequest{long_uri ? 414 : 400, message.defect()};
  }
  if (!message.is_version_2()) return BadRequest{505, {}};
  static constexpr std::array mandatory{HeaderId::via, HeaderId::from, HeaderId::to,
                                        HeaderId::call_id, HeaderId::cseq};
  for (const auto id : mandatory) {
    if (message.header(id).empty()) {
      return BadRequest{400, "Missing " + std::string{header_name(id)}};
    }
  }
  if (request.via.host.empty()) return BadRequest{400, "Malformed Via"};
  const auto cseq = message.cseq();
  if (!cseq) return BadRequest{400, "Malformed CSeq"};
  if (cseq->method != message.method_text()) return BadRequest{400, "CSeq of another method"};
  request.cseq = cseq->number;
  // At most 255 (20.22).
  if (message.has(HeaderId::max_forwards) &&
      !decimal(message.header(HeaderId::max_forwards), 255)) {
    return BadRequest{400, "Malformed Max-Forwards"};
  }
  return check_addresses(request);
}

bool has_option(const SipMessage& message, HeaderId id, std::string_view tag) {
  for (std::size_t i = 0; i < message.count(id); ++i) {
    auto rest = message.header(id, i);
    while (!rest.empty()) {
      if (iequals(next_item(rest, ','), tag)) return true;
    }
  }
  return false;
}

bool is_translated(const IncomingRequest& request) {
  const auto& remote = request.source.hop.remote;
  if (find_param(request.via.params, "rport") == nullptr) return false;
  const auto address = canonical_ip(request.via.host);
  return request.via.sent_by().port != remote.port || (address && *address != remote.host);
}

bool is_sound_response(const SipMessage& response) {
  return response.defect().empty() && !response.header(HeaderId::via).empty() &&
         !response.header(HeaderId::from).empty() && !response.header(HeaderId::to).empty() &&
         !response.header(HeaderId::call_id).empty() && response.cseq().has_value();
}

}  // namespace carillon::sip
