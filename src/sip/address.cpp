#include "sip/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "sip/ip_octets.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

using Groups = std::array<std::uint16_t, 8>;

std::optional<std::uint32_t> ipv4_from(std::string_view text) {
  std::uint32_t address = 0;
  std::uint32_t part = 0;
  int dots = 0;
  int digits = 0;
  for (const char c : text) {
    if (c == '.' && digits != 0 && dots != 3) {
      address = (address << 8) | part;
      part = 0;
      digits = 0;
      ++dots;
      continue;
    }
    if (!is_digit(c) || ++digits > 3) return std::nullopt;
    part = part * 10 + static_cast<std::uint32_t>(c - '0');
    if (part > 255) return std::nullopt;
  }
  if (digits == 0 || dots != 3) return std::nullopt;
  return (address << 8) | part;
}

std::string ipv4_text(std::uint32_t address) {
  std::array<char, 16> text{};
  auto* end = text.data();
  for (int shift = 24; shift >= 0; shift -= 8) {
    end = std::to_chars(end, text.data() + text.size(), (address >> shift) & 0xff).ptr;
    *end++ = '.';
  }
  return {text.data(), end - 1};
}

/// One side of the "::", as groups; false if it is not one.
bool groups_from(std::string_view text, std::vector<std::uint16_t>& groups) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto digits = text.substr(0, colon);
    if (const auto v4 = ipv4_from(digits); v4 && colon == std::string_view::npos) {
      groups.push_back(static_cast<std::uint16_t>(*v4 >> 16));
      groups.push_back(static_cast<std::uint16_t>(*v4 & 0xffff));
      return true;
    }
    std::uint16_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.empty() || digits.size() > 4 || error != std::errc{} ||
        end != digits.data() + digits.size()) {
      return false;
    }
    groups.push_back(value);
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

std::optional<Groups> ipv6_from(std::string_view text) {
  if (text.size() > 45) return std::nullopt;
  std::vector<std::uint16_t> head;
  std::vector<std::uint16_t> tail;
  const auto gap = text.find("::");
  if (!groups_from(text.substr(0, gap), head)) return std::nullopt;
  if (gap != std::string_view::npos) {
    auto rest = text.substr(gap + 2);
    // RFC 3261's grammar had one colon too many before an IPv4 address (RFC 5118, 4.10).
    if (rest.starts_with(':') && ipv4_from(rest.substr(1))) rest.remove_prefix(1);
    if (!groups_from(rest, tail)) return std::nullopt;
  }
  const auto count = head.size() + tail.size();
  if (gap == std::string_view::npos ? count != 8 : count > 7) return std::nullopt;
  Groups groups{};
  for (std::size_t i = 0; i < head.size(); ++i)
    groups.at(i) = head[i];
  for (std::size_t i = 0; i < tail.size(); ++i)
    groups.at(8 - tail.size() + i) = tail[i];
  return groups;
}

/// RFC 5952: no leading zeros, lower case, the longest run of zero groups (the first of them, at
/// least two) as "::".
std::string ipv6_text(const Groups& groups) {
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups.at(i + length) == 0)
      ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), groups.at(i), 16).ptr;
    text.append(digits.begin(), end);
  }
  return text;
}

}  // namespace

std::string_view via_name(Transport transport) {
  switch (transport) {
    case Transport::udp:
      return "UDP";
    case Transport::tcp:
      return "TCP";
    case Transport::tls:
    case Transport::tls_peer:
      return "TLS";
    case Transport::ws:
      return "WS";
    case Transport::wss:
      return "WSS";
  }
  return "UDP";
}

std::string_view uri_name(Transport transport) {
  switch (transport) {
    case Transport::udp:
      return "udp";
    case Transport::tcp:
      return "tcp";
    case Transport::tls:
    case Transport::tls_peer:
      return "tls";
    case Transport::ws:
    case Transport::wss:
      return "ws";
  }
  return "udp";
}

Bytes ip_octets(std::string_view host) {
  Bytes octets;
  if (const auto v4 = ipv4_from(host)) {
    for (unsigned shift = 32; shift != 0; shift -= 8)
      octets.push_back(static_cast<std::uint8_t>(*v4 >> (shift - 8)));
  } else if (const auto v6 = ipv6_from(host)) {
    for (const auto group : *v6) {
      octets.push_back(static_cast<std::uint8_t>(group >> 8U));
      octets.push_back(static_cast<std::uint8_t>(group & 0xffU));
    }
  }
  return octets;
}

std::string host_text(std::string_view host) {
  std::string out;
  out.reserve(host.size() + 8);  // A port often follows.
  if (!is_ipv6(host)) return out.append(host);
  return out.append("[").append(host).append("]");
}

std::string HostPort::text() const {
  return host_text(host).append(":").append(std::to_string(port));
}

std::optional<std::string> canonical_ip(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return std::nullopt;
  }
  if (is_ipv6(host)) {
    const auto groups = ipv6_from(host);
    if (!groups) return std::nullopt;
    return ipv6_text(*groups);
  }
  const auto address = ipv4_from(host);
  if (!address) return std::nullopt;
  return ipv4_text(*address);
}

std::optional<IpAddress> ip_address(std::string_view host) {
  if (const auto v4 = ipv4_from(host)) return IpAddress{0, 0xffff'0000'0000U | *v4};
  const auto groups = is_ipv6(host) ? ipv6_from(host) : std::nullopt;
  if (!groups) return std::nullopt;
  IpAddress out;
  for (std::size_t i = 0; i < 4; ++i) {
    out.high = out.high << 16 | groups->at(i);
    out.low = out.low << 16 | groups->at(i + 4);
  }
  return out;
}

bool is_host(std::string_view host) {
  if (host.empty()) return false;
  if (is_ipv6(host)) return canonical_ip(host).has_value();
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace carillon::sip
