#include "sim/ledger.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/keys.hpp"

namespace carillon::sim {

namespace keys = storage::keys;

std::string LedgerEntry::text(std::uint32_t version) const {
  return user + "#" + std::to_string(version) + ";";
}

std::uint32_t LedgerEntry::version_in(ByteView octets) const {
  const std::string_view text = as_text(octets);
  const auto at = text.find(user + "#");
  if (at == std::string_view::npos) return 0;
  std::uint32_t version = 0;
  const std::string_view digits = text.substr(at + user.size() + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return version;
}

std::size_t LedgerEntry::newest_copies() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(copies, [this](const Copy& copy) { return copy.version >= acked; }));
}

LedgerEntry& Ledger::add(std::string user, const ResourceId& resource) {
  by_resource_.emplace(resource, entries_.size());
  LedgerEntry& entry = entries_.emplace_back();
  entry.user = std::move(user);
  entry.resource = resource;
  return entry;
}

void Ledger::handle_write(std::uint32_t host, ByteView key, std::optional<ByteView> value) {
  const auto id = keys::parse_record(key);
  if (!id || id->kind != kind) return;
  const auto found = by_resource_.find(id->resource);
  if (found == by_resource_.end()) return;
  LedgerEntry& entry = entries_[found->second];
  set_copy(entry, host, value ? entry.version_in(*value) : 0);
}

void Ledger::set_copy(LedgerEntry& entry, HostIndex host, std::uint32_t version) {
  const auto copy = std::ranges::find(entry.copies, host, &LedgerEntry::Copy::host);
  if (copy != entry.copies.end()) {
    copy->version = version;
    if (version == 0) entry.copies.erase(copy);
  } else if (version > 0) {
    entry.copies.push_back({host, version});
  }
}

void Ledger::take_stock(Host& host) {
  for (LedgerEntry& entry : entries_)
    set_copy(entry, host.index, 0);
  (void)host.disk.scan(keys::record_start({}), [&](ByteView key, ByteView value) {
    if (!keys::parse_record(key)) return storage::Scan::stop;
    handle_write(host.index, key, value);
    return storage::Scan::next;
  });
}

void Ledger::settle(std::vector<std::unique_ptr<Host>>& hosts) {
  for (const std::uint32_t index : std::exchange(dirty_, {}))
    take_stock(*hosts[index]);
}

void Ledger::handle_down(Host& host, MonotonicTime now, std::size_t wanted) {
  std::vector<std::size_t> held;
  (void)host.disk.scan(keys::record_start({}), [&](ByteView key, ByteView) {
    const auto id = keys::parse_record(key);
    if (!id) return storage::Scan::stop;
    const auto found = by_resource_.find(id->resource);
    if (id->kind == kind && found != by_resource_.end()) held.push_back(found->second);
    return storage::Scan::next;
  });
  for (const std::size_t index : held) {
    LedgerEntry& entry = entries_[index];
    set_copy(entry, host.index, 0);
    if (entry.acked == 0 || entry.removed || entry.expires <= now) continue;
    const std::size_t left = entry.newest_copies();
    if (left == 0) entry.excused = true;
    if (left < wanted && !entry.degraded_since) {
      entry.degraded_since = now;
      degraded_.insert(index);
    }
  }
}

void Ledger::look_for_repairs(MonotonicTime now, std::size_t wanted,
                              std::vector<double>& repaired) {
  std::erase_if(degraded_, [&](std::size_t index) {
    LedgerEntry& entry = entries_[index];
    const bool gone =
        entry.removed || entry.may_be_removed || entry.excused || entry.expires <= now;
    if (!gone && entry.newest_copies() < wanted) return false;
    if (!gone) {
      repaired.push_back(std::chrono::duration<double>(now - *entry.degraded_since).count());
    }
    entry.degraded_since.reset();
    return true;
  });
}

}  // namespace carillon::sim
