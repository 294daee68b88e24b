#include "peer/candidates.hpp"

#include <string_view>

#include "base/bytes.hpp"

namespace carillon::peer {
namespace {

// RFC 5245, 4.1.2.1, for a host candidate with the highest local preference and component 1.
constexpr std::uint32_t host_priority = (126U << 24U) | (65'535U << 8U) | 255U;

std::optional<link::AddressPort> address_of(const wire::IpAddressPort& candidate) {
  std::uint16_t port = 0;
  if (const auto* v4 = std::get_if<wire::IPv4AddrPort>(&candidate.addr_port)) port = v4->port;
  if (const auto* v6 = std::get_if<wire::IPv6AddrPort>(&candidate.addr_port)) port = v6->port;
  if (port == 0) return std::nullopt;
  std::string host = candidate.to_text();
  host.erase(host.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host == "0.0.0.0" || host == "::") return std::nullopt;
  return link::AddressPort{std::move(host), port};
}

}  // namespace

std::vector<wire::IceCandidate> make_candidates(const link::AddressPort& address) {
  const auto parsed = wire::IpAddressPort::from_text(address.to_string());
  if (!parsed) return {};
  wire::IceCandidate candidate;
  candidate.addr_port = *parsed;
  candidate.overlay_link = wire::OverlayLinkType::tls_tcp_fh_no_ice;
  candidate.foundation = to_bytes(as_bytes("1"));
  candidate.priority = host_priority;
  candidate.type = wire::CandType::host;
  return {candidate};
}

std::optional<link::AddressPort> listening_address(
    const std::vector<wire::IceCandidate>& candidates) {
  for (const wire::IceCandidate& candidate : candidates) {
    if (candidate.overlay_link != wire::OverlayLinkType::tls_tcp_fh_no_ice) continue;
    if (auto address = address_of(candidate.addr_port)) return address;
  }
  return std::nullopt;
}

}  // namespace carillon::peer
