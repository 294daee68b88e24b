// The text form of IpAddressPort: dotted decimal and RFC 5952. Written here rather than taken from
// <arpa/inet.h>, since the core includes no socket header.
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "wire/ip_address_port.hpp"

namespace carillon::wire {
namespace {

using Groups = std::array<std::uint16_t, 8>;

/// Start and length of the longest run of at least two zero groups, the first of equals.
std::pair<std::size_t, std::size_t> longest_zero_run(const Groups& groups) {
  std::size_t best_start = 0;
  std::size_t best_length = 1;
  for (std::size_t start = 0; start < groups.size(); ++start) {
    std::size_t end = start;
    while (end < groups.size() && groups[end] == 0)
      ++end;
    if (end - start > best_length) {
      best_start = start;
      best_length = end - start;
    }
  }
  return {best_start, best_length > 1 ? best_length : 0};
}

std::string v6_text(const std::array<std::uint8_t, 16>& addr) {
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>((addr[2 * i] << 8) | addr[2 * i + 1]);
  }
  const auto [run_start, run_length] = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (run_length != 0 && i == run_start) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

template <typename Number>
std::optional<Number> number(std::string_view digits, int base, std::size_t max_digits) {
  if (digits.empty() || digits.size() > max_digits) return std::nullopt;
  Number value{};
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, base);
  if (error != std::errc{} || end != digits.end()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::array<std::uint8_t, 4>> v4_from_text(std::string_view text) {
  std::array<std::uint8_t, 4> addr{};
  const auto parts = split(text, '.');
  if (parts.size() != addr.size()) return std::nullopt;
  for (std::size_t i = 0; i < addr.size(); ++i) {
    const auto octet = number<std::uint8_t>(parts[i], 10, 3);
    if (!octet) return std::nullopt;
    addr.at(i) = *octet;
  }
  return addr;
}

/// The octets of "2001:db8" or "ffff:192.0.2.1"; none for an empty text.
std::optional<Bytes> v6_part_from_text(std::string_view text) {
  Bytes octets;
  if (text.empty()) return octets;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto v4 = v4_from_text(parts[i]);
      if (!v4) return std::nullopt;
      octets.insert(octets.end(), v4->begin(), v4->end());
      continue;
    }
    const auto group = number<std::uint16_t>(parts[i], 16, 4);
    if (!group) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(*group >> 8));
    octets.push_back(static_cast<std::uint8_t>(*group & 0xff));
  }
  return octets;
}

std::optional<std::array<std::uint8_t, 16>> v6_from_text(std::string_view text) {
  std::array<std::uint8_t, 16> addr{};
  const std::size_t gap = text.find("::");
  const auto head = v6_part_from_text(text.substr(0, gap));
  const auto tail =
      v6_part_from_text(gap == std::string_view::npos ? std::string_view{} : text.substr(gap + 2));
  if (!head || !tail) return std::nullopt;
  const std::size_t size = head->size() + tail->size();
  if (gap == std::string_view::npos ? size != addr.size() : size > addr.size() - 2) {
    return std::nullopt;
  }
  std::ranges::copy(*head, addr.begin());
  std::ranges::copy_backward(*tail, addr.end());
  return addr;
}

}  // namespace

std::string IpAddressPort::to_text() const {
  if (const auto* v4 = std::get_if<IPv4AddrPort>(&addr_port)) {
    return fmt::format("{}:{}", fmt::join(v4->addr, "."), v4->port);
  }
  if (const auto* v6 = std::get_if<IPv6AddrPort>(&addr_port)) {
    return fmt::format("[{}]:{}", v6_text(v6->addr), v6->port);
  }
  return fmt::format("type {}", static_cast<unsigned>(type()));
}

Result<IpAddressPort> IpAddressPort::from_text(std::string_view text) {
  const auto malformed = [&] {
    return fail(ErrorCode::malformed, "address",
                fmt::format("'{}' is neither ADDRESS:PORT nor [IPV6-ADDRESS]:PORT", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed();
  const auto port = number<std::uint16_t>(text.substr(colon + 1), 10, 5);
  std::string_view host = text.substr(0, colon);
  if (!port) return malformed();
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto addr = v6_from_text(host.substr(1, host.size() - 2));
    if (!addr) return malformed();
    return IpAddressPort{IPv6AddrPort{*addr, *port}};
  }
  const auto addr = v4_from_text(host);
  if (!addr) return malformed();
  return IpAddressPort{IPv4AddrPort{*addr, *port}};
}

}  // namespace carillon::wire
