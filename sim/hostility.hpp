#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "link/link_id.hpp"
#include "sim/event_queue.hpp"
#include "sim/random.hpp"

namespace carillon::sim {

/// The mark on everything that hostile peers forge.
inline constexpr std::string_view forged_mark = "<<forged>>";

/// What stands between a hostile peer and its connections. The peer has a good certificate and good
/// code; what leaves it, and what reaches it, is tampered with.
class Hostility {
 public:
  explicit Hostility(std::uint64_t seed) : random_(seed) {}

  /// A frame to be sent, and over which of the peer's links.
  struct Sent {
    link::LinkId link{};
    Bytes octets{};
  };
  /// What is really sent for a frame that the peer sends: nothing, something else, to somebody
  /// else, something old as well.
  [[nodiscard]] std::vector<Sent> send(Sent frame, const std::vector<link::LinkId>& links);
  /// What the peer gets to see of a frame that arrives: requests for others' resources come as if
  /// they were for this node, so that it answers for what isn't its own.
  [[nodiscard]] Bytes receive(Bytes frame, const NodeId& self);

 private:
  SmallRandom random_;
  std::vector<Bytes> remembered_;
};

}  // namespace carillon::sim
