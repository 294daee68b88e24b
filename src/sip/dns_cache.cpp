#include "sip/dns_cache.hpp"

#include <algorithm>

namespace carillon::sip {

const std::vector<DnsRecord>* DnsCache::find(const std::string& name, DnsType type,
                                             MonotonicTime now) const {
  const auto found = entries_.find({name, type});
  return found == entries_.end() || found->second.until <= now ? nullptr : &found->second.records;
}

void DnsCache::keep(const std::string& name, DnsType type, const DnsAnswer& answer,
                    MonotonicTime now) {
  const auto ttl = std::min(answer.ttl, answer.records.empty() ? max_negative_ttl : max_ttl);
  if (ttl <= seconds{0}) return;
  if (entries_.size() >= max_entries) {
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.until <= now; });
    // That many names at once are nobody's usual day; what is needed is asked again.
    if (entries_.size() >= max_entries) entries_.clear();
  }
  entries_[{name, type}] = {answer.records, now + ttl};
}

}  // namespace carillon::sip
