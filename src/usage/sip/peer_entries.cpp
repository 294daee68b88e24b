#include "usage/sip/peer_entries.hpp"

#include <utility>

#include "usage/sip/contact_list.hpp"

namespace carillon::usage {

PeerEntries peer_entries(const LookupReport& report) {
  PeerEntries found;
  for (const auto& value : report.values) {
    if (value.kind != KindId::carillon_contacts) continue;
    auto list = decode_contact_list(value.value);
    if (list) {
      found.entries.push_back({value.node.to_hex(), *std::move(list)});
    } else {
      ++found.unreadable;
    }
  }
  return found;
}

}  // namespace carillon::usage
