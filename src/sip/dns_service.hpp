#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sip/location_service.hpp"

namespace carillon::sip {

enum class DnsType : std::uint8_t { a, aaaa, srv, naptr };

/// One record of an answer; what its type has no use for is empty.
struct DnsRecord {
  std::string text{};      ///< A, AAAA: the address. SRV: the target. NAPTR: the replacement.
  std::uint16_t order{};   ///< SRV: the priority. NAPTR: the order.
  std::uint16_t weight{};  ///< SRV. NAPTR: the preference.
  std::uint16_t port{};    ///< SRV.
  std::string service{};   ///< NAPTR, e.g. "SIP+D2U".
  std::string flags{};     ///< NAPTR, e.g. "s".
};

struct DnsAnswer {
  std::vector<DnsRecord> records{};
  seconds ttl{0};  ///< For how long that is so.
};

/// Asks the DNS. Names are in lower case without a dot at the end, both ways.
class DnsService {
 public:
  virtual ~DnsService() = default;
  /// `done` runs once: the records of this type, none if there are none (or no such name), or an
  /// error if nobody answered.
  virtual void look_up(std::string name, DnsType type, Handler<DnsAnswer> done) = 0;
};

}  // namespace carillon::sip
