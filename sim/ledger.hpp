#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/disk.hpp"
#include "sim/host.hpp"

namespace carillon::sim {

/// One user's value, as those who stored it know it.
struct LedgerEntry {
  std::string user{};
  ResourceId resource{};
  HostIndex writer{no_writer};
  std::uint32_t attempted{0};  ///< Highest version that a Store was sent for.
  std::uint32_t acked{0};      ///< Highest that was confirmed; 0: none.
  bool removed{false};         ///< What was confirmed last is its removal.
  bool may_be_removed{false};  ///< A later removal was tried; nobody knows whether it happened.
  bool under_way{false};
  bool excused{false};  ///< At some moment nobody who was up held the newest confirmed version.
  MonotonicTime expires{};
  struct Copy {
    HostIndex host{};
    std::uint32_t version{};
  };
  std::vector<Copy> copies{};                     ///< On the disks of hosts that are up.
  std::optional<MonotonicTime> degraded_since{};  ///< Fewer copies than there should be.

  static constexpr HostIndex no_writer = ~HostIndex{0};
  [[nodiscard]] std::string text(std::uint32_t version) const;
  /// The version that these octets hold; 0 if none.
  [[nodiscard]] std::uint32_t version_in(ByteView octets) const;
  [[nodiscard]] std::size_t newest_copies() const;
};

/// What was acknowledged, and where its copies are.
class Ledger final : public DiskObserver {
 public:
  static constexpr KindId kind = KindId::carillon_credential;

  LedgerEntry& add(std::string user, const ResourceId& resource);
  [[nodiscard]] std::vector<LedgerEntry>& entries() { return entries_; }
  [[nodiscard]] LedgerEntry& entry(std::size_t index) { return entries_[index]; }
  void reserve(std::size_t count) { entries_.reserve(count); }

  // DiskObserver
  void handle_write(std::uint32_t host, ByteView key, std::optional<ByteView> value) override;
  void handle_lost_writes(std::uint32_t host) override { dirty_.insert(host); }

  /// A host has come up with what is on its disk, or its disk has lost writes.
  void take_stock(Host& host);
  /// Takes stock of those whose syncs have failed.
  void settle(std::vector<std::unique_ptr<Host>>& hosts);
  /// A host goes down.
  void handle_down(Host& host, MonotonicTime now, std::size_t wanted);

  /// Looks which entries have all their copies again; `repaired` gets the seconds it took.
  void look_for_repairs(MonotonicTime now, std::size_t wanted, std::vector<double>& repaired);
  [[nodiscard]] const std::set<std::size_t>& degraded() const { return degraded_; }

 private:
  void set_copy(LedgerEntry& entry, HostIndex host, std::uint32_t version);

  std::vector<LedgerEntry> entries_;
  std::unordered_map<ResourceId, std::size_t> by_resource_;
  std::set<std::size_t> degraded_;
  std::set<std::uint32_t> dirty_;
};

}  // namespace carillon::sim
