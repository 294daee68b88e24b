#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "link/link_options.hpp"
#include "wire/forwarding_header.hpp"

namespace carillon::forwarding {

/// What the overlay says, and the limits of one node. The defaults are what ships.
struct ForwardingOptions {
  wire::OverlayHash overlay{};  ///< Of the overlay's name (6.3.2).
  std::uint8_t initial_ttl{wire::ForwardingHeader::default_ttl};  ///< 11.1, initial-ttl

  /// Among them max_message_size, which the reassembled message is held to as well.
  link::LinkOptions link{};

  std::size_t max_links{1'024};
  milliseconds open_timeout{5'000};
  /// Two connections to one node that came up within this time are one Attach each way (6.5.1.2).
  milliseconds simultaneous_window{3'000};
  /// How long a replaced connection is still read from, and one that was cut off is still written.
  milliseconds linger{1'000};
  /// A link's timer may come so much too early: setting it anew each time costs more than that.
  milliseconds timer_slack{500};

  /// A message that is larger goes out in fragments (6.7). Zero: never, as on TLS/TCP.
  std::size_t max_fragment_size{0};
  /// How long an incomplete message waits for its fragments (6.7).
  milliseconds reassembly_timeout{15'000};
  std::size_t max_reassemblies{256};
  std::size_t max_reassembly_octets{std::size_t{1} << 20};

  /// Messages for this node that wait to be polled; further ones are dropped.
  std::size_t max_incoming{8'192};
};

}  // namespace carillon::forwarding
