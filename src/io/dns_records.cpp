#include "io/dns_records.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <ares.h>
#include <boost/asio/ip/address.hpp>

#include "io/dns_ttl.hpp"
#include "sip/address.hpp"
#include "sip/text.hpp"

namespace carillon::io {
namespace {

constexpr int max_addresses = 16;

/// What c-ares has allocated.
template <typename T>
using AresData = std::unique_ptr<T, decltype(&ares_free_data)>;

/// A name that may be asked for; empty for the root. Nothing for others: a zone may hold any
/// octets, which c-ares escapes (RFC 2181, 11).
std::optional<std::string> plain_name(const char* name) {
  constexpr std::size_t max_name = 253;
  auto text = sip::lower_case(name);
  while (text.ends_with('.'))
    text.pop_back();
  const bool sound = text.empty() || (text.size() <= max_name && sip::is_host(text));
  return sound ? std::optional{std::move(text)} : std::nullopt;
}

std::vector<sip::DnsRecord> read_a(const unsigned char* octets, int size) {
  std::array<ares_addrttl, max_addresses> found{};
  int count = max_addresses;
  if (ares_parse_a_reply(octets, size, nullptr, found.data(), &count) != ARES_SUCCESS) return {};
  std::vector<sip::DnsRecord> records;
  for (int i = 0; i < count; ++i) {
    const auto network = found.at(static_cast<std::size_t>(i)).ipaddr.s_addr;
    records.push_back({.text = boost::asio::ip::address_v4{ntohl(network)}.to_string()});
  }
  return records;
}

std::vector<sip::DnsRecord> read_aaaa(const unsigned char* octets, int size) {
  std::array<ares_addr6ttl, max_addresses> found{};
  int count = max_addresses;
  if (ares_parse_aaaa_reply(octets, size, nullptr, found.data(), &count) != ARES_SUCCESS) return {};
  std::vector<sip::DnsRecord> records;
  for (int i = 0; i < count; ++i) {
    const auto& address = found.at(static_cast<std::size_t>(i)).ip6addr;
    boost::asio::ip::address_v6::bytes_type bytes{};
    std::ranges::copy(address._S6_un._S6_u8, bytes.begin());
    records.push_back({.text = boost::asio::ip::address_v6{bytes}.to_string()});
  }
  return records;
}

std::vector<sip::DnsRecord> read_srv(const unsigned char* octets, int size) {
  ares_srv_reply* first = nullptr;
  if (ares_parse_srv_reply(octets, size, &first) != ARES_SUCCESS) return {};
  const AresData<ares_srv_reply> held{first, ares_free_data};
  std::vector<sip::DnsRecord> records;
  for (const auto* each = first; each != nullptr; each = each->next) {
    auto host = plain_name(each->host);
    if (!host) continue;
    records.push_back({.text = *std::move(host),
                       .order = each->priority,
                       .weight = each->weight,
                       .port = each->port});
  }
  return records;
}

std::vector<sip::DnsRecord> read_naptr(const unsigned char* octets, int size) {
  ares_naptr_reply* first = nullptr;
  if (ares_parse_naptr_reply(octets, size, &first) != ARES_SUCCESS) return {};
  const AresData<ares_naptr_reply> held{first, ares_free_data};
  std::vector<sip::DnsRecord> records;
  const auto text = [](const unsigned char* octets_of) {
    return std::string{reinterpret_cast<const char*>(octets_of)};
  };
  for (const auto* each = first; each != nullptr; each = each->next) {
    auto replacement = plain_name(each->replacement);
    if (!replacement) continue;
    records.push_back({.text = *std::move(replacement),
                       .order = each->order,
                       .weight = each->preference,
                       .service = text(each->service),
                       .flags = text(each->flags)});
  }
  return records;
}

std::vector<sip::DnsRecord> read_records(ByteView answer, sip::DnsType type) {
  const auto* octets = answer.data();
  const auto size = static_cast<int>(answer.size());
  switch (type) {
    case sip::DnsType::a:
      return read_a(octets, size);
    case sip::DnsType::aaaa:
      return read_aaaa(octets, size);
    case sip::DnsType::srv:
      return read_srv(octets, size);
    case sip::DnsType::naptr:
      return read_naptr(octets, size);
  }
  return {};
}

}  // namespace

sip::DnsAnswer read_dns_answer(ByteView answer, sip::DnsType type) {
  return {read_records(answer, type), dns_ttl(answer)};
}

}  // namespace carillon::io
