#include "sim/host.hpp"

#include <charconv>

#include <fmt/format.h>

namespace carillon::sim {
namespace {

constexpr std::uint16_t port = 6084;

}  // namespace

link::AddressPort address_of(HostIndex host) {
  const std::uint32_t number = host + 1;
  return {fmt::format("10.{}.{}.{}", number >> 16U, (number >> 8U) & 0xffU, number & 0xffU), port};
}

std::optional<HostIndex> host_at(const link::AddressPort& address) {
  std::uint32_t number = 0;
  const char* at = address.host.data();
  const char* const end = at + address.host.size();
  for (int part = 0; part < 4; ++part) {
    std::uint32_t octet = 0;
    const auto [next, error] = std::from_chars(at, end, octet);
    if (error != std::errc{} || (part == 0 && octet != 10)) return std::nullopt;
    number = part == 0 ? 0 : (number << 8U) | octet;
    at = next == end ? end : next + 1;
  }
  if (number == 0) return std::nullopt;
  return number - 1;
}

}  // namespace carillon::sim
