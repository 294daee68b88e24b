#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sip/dns_service.hpp"

namespace carillon::sip {

/// What the DNS has said, for as long as it said so: also that there is nothing (RFC 2308).
class DnsCache {
 public:
  static constexpr std::size_t max_entries = 4'096;
  /// Longer, nothing is believed: an operator who has made a mistake shall not wait for days.
  static constexpr seconds max_ttl{3'600};
  static constexpr seconds max_negative_ttl{60};

  /// Null if it has to be asked. Good until the next call.
  [[nodiscard]] const std::vector<DnsRecord>* find(const std::string& name, DnsType type,
                                                   MonotonicTime now) const;
  void keep(const std::string& name, DnsType type, const DnsAnswer& answer, MonotonicTime now);

 private:
  struct Entry {
    std::vector<DnsRecord> records{};
    MonotonicTime until{};
  };
  std::map<std::pair<std::string, DnsType>, Entry> entries_;
};

}  // namespace carillon::sip
