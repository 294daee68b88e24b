#include "usage/sip/located_bindings.hpp"

#include <utility>

#include "usage/sip/contact_list.hpp"

namespace carillon::usage {

LocatedBindings located_bindings(const LookupReport& report, WallTime now) {
  LocatedBindings located;
  std::vector<sip::PeerEntry> entries;
  for (const auto& value : report.values) {
    if (value.kind != KindId::carillon_contacts) continue;
    auto list = decode_contact_list(value.value);
    if (list) {
      entries.push_back({value.node.to_hex(), std::move(*list)});
    } else {
      ++located.unreadable;
    }
  }
  located.bindings = sip::merge_entries(entries, now);
  return located;
}

}  // namespace carillon::usage
