#include "sip/flow_token.hpp"

#include "base/base64.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t max_token_size = 2'048;
enum class Form : std::uint8_t { none = 0, datagram = 1, connection = 2 };

std::uint32_t whole_seconds(WallTime time) {
  return static_cast<std::uint32_t>(to_milliseconds(time) / 1000);
}

Sealer sealer_of(const Bytes& secret, std::string_view purpose, Random& random) {
  return {HmacSha256{secret.empty() ? random.bytes(32) : secret}, purpose};
}

void write_hop(Writer& writer, const Hop& hop, std::uint64_t boot) {
  if (hop.transport == Transport::udp) {
    writer.u8(static_cast<std::uint8_t>(Form::datagram));
    writer.u32(static_cast<std::uint32_t>(hop.local));
    writer.u16(hop.remote.port);
    writer.opaque8(as_bytes(hop.remote.host));
  } else {
    writer.u8(static_cast<std::uint8_t>(Form::connection));
    writer.u64(boot);
    writer.u64(static_cast<std::uint64_t>(hop.flow));
  }
}

std::optional<Hop> read_hop(Reader& reader, std::uint64_t own_boot) {
  Hop hop;
  switch (static_cast<Form>(reader.u8("form"))) {
    case Form::none:
      return std::nullopt;
    case Form::datagram:
      hop.local = LocalTransportId{reader.u32("local")};
      hop.remote.port = reader.u16("port");
      hop.remote.host = as_text(reader.opaque8("host"));
      break;
    case Form::connection: {
      hop.transport = Transport::tcp;
      const auto boot = reader.u64("boot");
      const FlowId flow{reader.u64("flow")};
      if (boot == own_boot) hop.flow = flow;
      break;
    }
  }
  return hop;
}

}  // namespace

FlowTokens::FlowTokens(const Secrets& secrets, std::string peer_id, Random& random)
    : contacts_(sealer_of(secrets.own, "flow token", random)),
      dialogs_(sealer_of(secrets.overlay, "dialog token", random)),
      peer_id_(std::move(peer_id)),
      boot_(random.u64()) {}

std::string FlowTokens::make(TokenPurpose purpose, const FlowToken& content, std::string_view scope,
                             WallTime now) const {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(purpose));
  writer.u32(whole_seconds(now));
  if (content.hop) {
    write_hop(writer, *content.hop, boot_);
    writer.opaque8(as_bytes(peer_id_));
    // One that is so long is not worth the octets in every message.
    writer.opaque8(as_bytes(content.aor.size() <= 255 ? content.aor : std::string_view{}));
  } else {
    writer.u8(static_cast<std::uint8_t>(Form::none));
  }
  for (const auto& route : content.routes)
    writer.opaque16(as_bytes(route));
  return to_base64url(sealer(purpose).seal(scope, writer.view()));
}

std::optional<FlowToken> FlowTokens::read(std::string_view token, TokenPurpose purpose,
                                          std::string_view scope, WallTime now) const {
  if (token.empty() || token.size() > max_token_size) return std::nullopt;
  const auto octets = from_base64url(token);
  const auto content = octets ? sealer(purpose).open(scope, *octets) : std::nullopt;
  if (!content) return std::nullopt;
  Reader reader{*content};
  const auto made_for = reader.u8("purpose");
  const auto made_at = reader.u32("time");
  if (made_for != static_cast<std::uint8_t>(purpose)) return std::nullopt;
  if (std::uint64_t{whole_seconds(now)} > made_at + static_cast<std::uint64_t>(lifetime.count())) {
    return std::nullopt;
  }
  FlowToken out;
  out.hop = read_hop(reader, boot_);
  if (out.hop) {
    out.elsewhere = as_text(reader.opaque8("peer")) != peer_id_;
    out.aor = as_text(reader.opaque8("AOR"));
    if (out.elsewhere) out.hop.reset();
  }
  while (!reader.failed() && reader.remaining() != 0)
    out.routes.emplace_back(as_text(reader.opaque16("route")));
  if (reader.failed()) return std::nullopt;
  return out;
}

}  // namespace carillon::sip
