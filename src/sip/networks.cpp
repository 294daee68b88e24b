#include "sip/networks.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// The first `bits` of 64 are ones.
std::uint64_t ones(std::uint64_t bits) {
  return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - std::min<std::uint64_t>(bits, 64));
}

IpAddress masked(const IpAddress& address, const IpAddress& mask) {
  return {address.high & mask.high, address.low & mask.low};
}

}  // namespace

bool Networks::add(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const auto address = ip_address(host);
  if (!address) return false;
  // An IPv4 address is the last 32 of 128 bits.
  const std::uint64_t skipped = is_ipv6(host) ? 0 : 96;
  std::uint64_t bits = 128;
  if (slash != std::string_view::npos) {
    const auto length = decimal(text.substr(slash + 1), 128 - skipped);
    if (!length) return false;
    bits = skipped + *length;
  }
  const IpAddress mask{ones(bits), ones(bits > 64 ? bits - 64 : 0)};
  networks_.push_back({masked(*address, mask), mask});
  return true;
}

bool Networks::contains(std::string_view host) const {
  if (networks_.empty()) return false;
  const auto address = ip_address(host);
  return address && std::ranges::any_of(networks_, [&](const Network& network) {
           return masked(*address, network.mask) == network.prefix;
         });
}

}  // namespace carillon::sip
