#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace carillon::forwarding {

/// Why a message went no further.
enum class DropReason : std::uint8_t {
  malformed,            ///< The header could not be read (this includes other versions).
  wrong_overlay,        ///< 6.3.2
  ttl_exceeded,         ///< 6.3.2; a request is answered with Error_TTL_Exceeded
  forward_critical,     ///< 6.3.2.3; answered with Error_Unsupported_Forwarding_Option
  not_attached,         ///< 6.1.2; a node with several Node-IDs before its Attach
  resource_not_last,    ///< 6.1.1
  node_absent,          ///< 6.1.1: a Node-ID within our range, but no such node is connected
  unknown_opaque_id,    ///< 6.3.2.2: not ours, or its connection is gone
  unknown_destination,  ///< A type that we can't route to
  no_route,             ///< The topology knows no way
  in_circles,           ///< It has been where it goes next; answered with Error_TTL_Exceeded
  too_large,            ///< 6.6: with its grown Via List it would exceed max-message-size
  queue_full,           ///< The next link does not take any more
  reassembly,           ///< 6.7: contradictory fragments, or no room for them
  reassembly_timeout,   ///< 6.7
  overloaded,           ///< This node's own queue of incoming messages is full
  count_,
};

[[nodiscard]] std::string_view to_string(DropReason reason);

struct ForwardingCounters {
  std::uint64_t originated{};  ///< Sent for the layers above.
  std::uint64_t received{};    ///< Over all links.
  std::uint64_t forwarded{};
  std::uint64_t rerouted{};   ///< Forwarded before, to a node that is gone.
  std::uint64_t delivered{};  ///< To the layers above.
  std::uint64_t rejected{};   ///< Handed up to be answered with an error.
  std::array<std::uint64_t, static_cast<std::size_t>(DropReason::count_)> dropped{};

  [[nodiscard]] std::uint64_t dropped_for(DropReason reason) const {
    return dropped[static_cast<std::size_t>(reason)];
  }
};

}  // namespace carillon::forwarding
