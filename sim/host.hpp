#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "peer/peer.hpp"
#include "sim/clock.hpp"
#include "sim/disk.hpp"
#include "sim/hostility.hpp"
#include "sim/population.hpp"
#include "sim/random.hpp"

namespace carillon::sim {

using HostIndex = std::uint32_t;

/// One end of a connection, packed: the connection's index and which of its two ends.
using EndIndex = std::uint32_t;

enum class HostState : std::uint8_t {
  off,        ///< Not started, killed, or done.
  power_off,  ///< Crashed without a word: nothing comes back, not even a reset.
  on,
};

/// One machine: a disk and clocks that outlive its peers, an address, and perhaps a running peer.
struct Host {
  Host(HostIndex index_, Enrolled enrolled_, HostClock clock_, std::uint64_t seed,
       DiskObserver& observer)
      : index(index_),
        clock(clock_),
        random(seed),
        enrolled(std::move(enrolled_)),
        disk(index_, observer) {}

  // What every turn needs stands together: for the processor's caches.
  HostIndex index;
  std::uint32_t life{0};  ///< How many peers have run on it: what is meant for one ends with it.
  HostState state{HostState::off};
  bool is_member{false};  ///< Its peer has joined, and has not gone.
  bool is_leaving{false};
  std::uint8_t group{0};        ///< In which part of a partitioned network it stands.
  std::uint32_t service_us{0};  ///< What each packet costs a slow host.
  std::optional<peer::Peer> peer{};
  HostClock clock;
  std::optional<MonotonicTime> wake_at{};
  std::vector<std::pair<link::LinkId, EndIndex>> links{};  ///< In the order of their numbers.
  std::unique_ptr<Hostility> hostility{};                  ///< Set if the host is hostile.
  SmallRandom random;

  MonotonicTime busy_until{};
  MonotonicTime unsettled_until{};  ///< Something has changed next to it: its tables may be wrong.
  Enrolled enrolled;
  milliseconds clock_is_wrong_by{0};  ///< By jumps, beside its skew and drift.
  Disk disk;
  bool has_small_disk{false};  ///< It may be full: then the host cannot be admitted.

  [[nodiscard]] const NodeId& id() const { return enrolled.id(); }
  [[nodiscard]] bool is_up() const { return peer.has_value(); }
};

/// 10.x.y.z, port 6084: a host's address tells its index, and the other way round.
[[nodiscard]] link::AddressPort address_of(HostIndex host);
/// Nothing if it is no address of a host.
[[nodiscard]] std::optional<HostIndex> host_at(const link::AddressPort& address);

}  // namespace carillon::sim
