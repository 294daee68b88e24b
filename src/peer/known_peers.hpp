#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include <carillon/ids.hpp>

#include "base/time.hpp"
#include "link/address_port.hpp"

namespace carillon::peer {

/// Where nodes listen that we are or were connected to: to find them again after a loss, and to
/// find the overlay again after a restart (RFC 6940, 11.4: only nodes that were connected).
class KnownPeers {
 public:
  explicit KnownPeers(std::size_t capacity) : capacity_(capacity) {}

  void add(const NodeId& node, link::AddressPort address, MonotonicTime now);
  /// It is connected (now or till now).
  void seen(const NodeId& node, MonotonicTime now);
  /// It has left, or is somebody else.
  void remove(const NodeId& node) { peers_.erase(node); }

  [[nodiscard]] std::optional<link::AddressPort> find(const NodeId& node) const;
  struct Peer {
    NodeId node{};
    link::AddressPort address{};
  };
  /// Seen last comes first.
  [[nodiscard]] std::vector<Peer> list() const;

 private:
  struct Entry {
    link::AddressPort address{};
    MonotonicTime seen{};
  };
  std::size_t capacity_;
  std::map<NodeId, Entry> peers_;
};

}  // namespace carillon::peer
