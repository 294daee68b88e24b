#include "sip/flow_token.hpp"

#include "base/base64.hpp"
#include "base/constant_time.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t token_mac_size = 10;  // 80 bits, as RFC 5626, 5.2 suggests
constexpr std::size_t max_token_size = 160;
enum class Form : std::uint8_t { none = 0, datagram = 1, connection = 2 };

std::uint32_t whole_seconds(WallTime time) {
  return static_cast<std::uint32_t>(to_milliseconds(time) / 1000);
}

}  // namespace

FlowTokens::FlowTokens(const Bytes& secret, Random& random)
    : hmac_(secret.empty() ? random.bytes(32) : secret), boot_(random.u64()) {}

Bytes FlowTokens::mac(ByteView content, std::string_view scope) const {
  Writer writer;
  writer.bytes(as_bytes("flow token"));
  writer.opaque16(content);
  writer.bytes(as_bytes(scope));
  const auto whole = hmac_(writer.view());
  return {whole.begin(), whole.begin() + token_mac_size};
}

std::string FlowTokens::make(TokenPurpose purpose, const std::optional<Hop>& hop,
                             std::string_view scope, WallTime now) const {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(purpose));
  writer.u32(whole_seconds(now));
  if (!hop) {
    writer.u8(static_cast<std::uint8_t>(Form::none));
  } else if (hop->transport == Transport::udp) {
    writer.u8(static_cast<std::uint8_t>(Form::datagram));
    writer.u32(static_cast<std::uint32_t>(hop->local));
    writer.u16(hop->remote.port);
    writer.bytes(as_bytes(hop->remote.host));
  } else {
    writer.u8(static_cast<std::uint8_t>(Form::connection));
    writer.u64(boot_);
    writer.u64(static_cast<std::uint64_t>(hop->flow));
  }
  writer.bytes(mac(writer.view(), scope));
  return to_base64url(writer.view());
}

std::optional<FlowToken> FlowTokens::read(std::string_view token, TokenPurpose purpose,
                                          std::string_view scope, WallTime now) const {
  if (token.empty() || token.size() > max_token_size) return std::nullopt;
  const auto octets = from_base64url(token);
  if (!octets || octets->size() < token_mac_size) return std::nullopt;
  const auto content = ByteView{*octets}.first(octets->size() - token_mac_size);
  const auto expected = mac(content, scope);
  if (!equal_in_constant_time(expected, ByteView{*octets}.subspan(content.size()))) {
    return std::nullopt;
  }
  Reader reader{content};
  const auto made_for = reader.u8("purpose");
  const auto made_at = reader.u32("time");
  const auto form = static_cast<Form>(reader.u8("form"));
  if (made_for != static_cast<std::uint8_t>(purpose)) return std::nullopt;
  if (std::uint64_t{whole_seconds(now)} > made_at + static_cast<std::uint64_t>(lifetime.count())) {
    return std::nullopt;
  }
  FlowToken out;
  if (form == Form::datagram) {
    Hop hop;
    hop.local = LocalTransportId{reader.u32("local")};
    hop.remote.port = reader.u16("port");
    hop.remote.host = as_text(reader.rest());
    out.hop = std::move(hop);
  } else if (form == Form::connection) {
    Hop hop;
    hop.transport = Transport::tcp;
    const auto boot = reader.u64("boot");
    hop.flow = boot == boot_ ? FlowId{reader.u64("flow")} : FlowId::none;
    out.hop = std::move(hop);
  }
  if (reader.failed()) return std::nullopt;
  return out;
}

}  // namespace carillon::sip
