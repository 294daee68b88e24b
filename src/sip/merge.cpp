#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "sip/binding_key.hpp"
#include "sip/location_service.hpp"

namespace carillon::sip {
bool is_undone(const Binding& binding, const Removal& removal) {
  if (binding.updated > removal.at) return false;
  if (removal.contact.empty() && removal.instance.empty()) return true;
  return same_phone(binding.contact, binding.instance, binding.reg_id, removal.contact,
                    removal.instance, removal.reg_id);
}

std::vector<LocatedBinding> merge_entries(const std::vector<PeerEntry>& entries, WallTime now) {
  std::vector<LocatedBinding> all;
  for (const auto& [peer_id, entry] : entries) {
    for (const auto& binding : entry.bindings) {
      const bool removed = std::ranges::any_of(entries, [&](const PeerEntry& other) {
        return std::ranges::any_of(other.entry.removals, [&](const Removal& removal) {
          return is_undone(binding, removal);
        });
      });
      if (binding.expires > now && !removed) all.push_back({binding, peer_id, entry.peer_address});
    }
  }
  std::ranges::stable_sort(all, std::greater{},
                           [](const LocatedBinding& located) { return located.binding.updated; });
  std::vector<LocatedBinding> merged;
  for (auto& located : all) {
    const auto& binding = located.binding;
    const bool older = std::ranges::any_of(merged, [&](const LocatedBinding& kept) {
      return same_phone(binding.contact, binding.instance, binding.reg_id, kept.binding.contact,
                        kept.binding.instance, kept.binding.reg_id);
    });
    if (!older) merged.push_back(std::move(located));
  }
  return merged;
}

seconds OwnEntry::lifetime(WallTime now) const {
  WallTime last = now;
  for (const auto& binding : bindings)
    last = std::max(last, binding.expires);
  for (const auto& removal : removals)
    last = std::max(last, removal.expires);
  return std::chrono::ceil<seconds>(last - now);
}

}  // namespace carillon::sip
