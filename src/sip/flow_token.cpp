#include "sip/flow_token.hpp"

#include "base/base64.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t max_token_size = 1'024;
enum class Form : std::uint8_t { none = 0, datagram = 1, connection = 2 };

std::uint32_t whole_seconds(WallTime time) {
  return static_cast<std::uint32_t>(to_milliseconds(time) / 1000);
}

}  // namespace

FlowTokens::FlowTokens(const Bytes& secret, Random& random)
    : sealer_(HmacSha256{secret.empty() ? random.bytes(32) : secret}, "flow token"),
      boot_(random.u64()) {}

std::string FlowTokens::make(TokenPurpose purpose, const FlowToken& content, std::string_view scope,
                             WallTime now) const {
  const auto& hop = content.hop;
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(purpose));
  writer.u32(whole_seconds(now));
  if (!hop) {
    writer.u8(static_cast<std::uint8_t>(Form::none));
  } else if (hop->transport == Transport::udp) {
    writer.u8(static_cast<std::uint8_t>(Form::datagram));
    writer.u32(static_cast<std::uint32_t>(hop->local));
    writer.u16(hop->remote.port);
    writer.opaque8(as_bytes(hop->remote.host));
  } else {
    writer.u8(static_cast<std::uint8_t>(Form::connection));
    writer.u64(boot_);
    writer.u64(static_cast<std::uint64_t>(hop->flow));
  }
  for (const auto& route : content.routes)
    writer.opaque16(as_bytes(route));
  return to_base64url(sealer_.seal(scope, writer.view()));
}

std::optional<FlowToken> FlowTokens::read(std::string_view token, TokenPurpose purpose,
                                          std::string_view scope, WallTime now) const {
  if (token.empty() || token.size() > max_token_size) return std::nullopt;
  const auto octets = from_base64url(token);
  const auto content = octets ? sealer_.open(scope, *octets) : std::nullopt;
  if (!content) return std::nullopt;
  Reader reader{*content};
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
    hop.remote.host = as_text(reader.opaque8("host"));
    out.hop = std::move(hop);
  } else if (form == Form::connection) {
    Hop hop;
    hop.transport = Transport::tcp;
    const auto boot = reader.u64("boot");
    hop.flow = boot == boot_ ? FlowId{reader.u64("flow")} : FlowId::none;
    out.hop = std::move(hop);
  }
  while (!reader.failed() && reader.remaining() != 0)
    out.routes.emplace_back(as_text(reader.opaque16("route")));
  if (reader.failed()) return std::nullopt;
  return out;
}

}  // namespace carillon::sip
