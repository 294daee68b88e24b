#include "sip/hep.hpp"

#include <algorithm>

#include "base/writer.hpp"
#include "sip/ip_octets.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

enum class Chunk : std::uint16_t {
  ip_family = 0x0001,
  ip_protocol = 0x0002,
  source_ipv4 = 0x0003,
  destination_ipv4 = 0x0004,
  source_ipv6 = 0x0005,
  destination_ipv6 = 0x0006,
  source_port = 0x0007,
  destination_port = 0x0008,
  seconds = 0x0009,
  microseconds = 0x000a,
  protocol_type = 0x000b,
  agent_id = 0x000c,
  password = 0x000e,
  payload = 0x000f,
  correlation_id = 0x0011,
};

constexpr std::uint8_t family_ipv4 = 2;  // AF_INET and AF_INET6, as Linux numbers them.
constexpr std::uint8_t family_ipv6 = 10;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t type_sip = 1;
constexpr std::size_t chunk_head = 6;
/// Longer ones are cut: they serve to find messages that belong together.
constexpr std::size_t max_correlation_id = 255;

/// The value is what `write` adds.
template <typename Write>
void chunk(Writer& out, Chunk type, Write write) {
  const auto start = out.size();
  out.u16(0);  // The vendor: a generic chunk.
  out.u16(static_cast<std::uint16_t>(type));
  out.u16(0);
  write();
  out.patch(start + 4, out.size() - start, 2);
}

void bytes_chunk(Writer& out, Chunk type, ByteView value) {
  chunk(out, type, [&] { out.bytes(value); });
}

void addresses(Writer& out, const CaptureMessage& captured) {
  const bool v6 = is_ipv6(captured.source.host);
  chunk(out, Chunk::ip_family, [&] { out.u8(v6 ? family_ipv6 : family_ipv4); });
  chunk(out, Chunk::ip_protocol,
        [&] { out.u8(is_reliable(captured.transport) ? protocol_tcp : protocol_udp); });
  bytes_chunk(out, v6 ? Chunk::source_ipv6 : Chunk::source_ipv4, ip_octets(captured.source.host));
  bytes_chunk(out, v6 ? Chunk::destination_ipv6 : Chunk::destination_ipv4,
              ip_octets(captured.destination.host));
  chunk(out, Chunk::source_port, [&] { out.u16(captured.source.port); });
  chunk(out, Chunk::destination_port, [&] { out.u16(captured.destination.port); });
}

void time_of(Writer& out, std::chrono::microseconds since) {
  constexpr std::int64_t million = 1'000'000;
  chunk(out, Chunk::seconds, [&] { out.u32(static_cast<std::uint32_t>(since.count() / million)); });
  chunk(out, Chunk::microseconds,
        [&] { out.u32(static_cast<std::uint32_t>(since.count() % million)); });
}

}  // namespace

Bytes encode_hep(const CaptureMessage& captured, const CaptureAgent& agent) {
  Writer out;
  out.bytes(as_bytes("HEP3"));
  out.u16(0);
  addresses(out, captured);
  time_of(out, captured.time);
  chunk(out, Chunk::protocol_type, [&] { out.u8(type_sip); });
  chunk(out, Chunk::agent_id, [&] { out.u32(agent.id); });
  if (!agent.password.empty()) bytes_chunk(out, Chunk::password, as_bytes(agent.password));
  const auto call_id = find_call_id(captured.octets).substr(0, max_correlation_id);
  if (!call_id.empty()) bytes_chunk(out, Chunk::correlation_id, as_bytes(call_id));
  const auto space = max_hep_octets - std::min(max_hep_octets, out.size() + chunk_head);
  bytes_chunk(out, Chunk::payload,
              as_bytes(captured.octets).first(std::min(space, captured.octets.size())));
  out.patch(4, out.size(), 2);
  return std::move(out).take();
}

std::string_view find_call_id(std::string_view message) {
  while (!message.empty()) {
    const auto end = message.find('\n');
    auto line = message.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return {};  // The body follows.
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      const auto name = trim(line.substr(0, colon));
      if (iequals(name, "Call-ID") || iequals(name, "i")) return trim(line.substr(colon + 1));
    }
    if (end == std::string_view::npos) return {};
    message.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace carillon::sip
