#pragma once

#include <cstdint>

#include "wire/framed_message.hpp"

namespace carillon::link {

/// The 32 most recent sequence numbers that were received, as acknowledgements tell them
/// (RFC 6940, 6.6.2).
///
/// Reading of the text: bit b (0 is the lowest) of `received` says that N-1-b was received, where
/// N is ack_sequence. The text's "N-M bit" for M > N-32 would leave one bit of the 32 unused.
class ReceivedWindow {
 public:
  /// The acknowledgement for a message that has just come.
  wire::AckFrame record(std::uint32_t sequence);
  /// The last acknowledgement again; before the first message, 0 with an empty mask.
  [[nodiscard]] wire::AckFrame latest() const { return latest_; }

 private:
  bool any_{false};
  std::uint32_t highest_{0};
  std::uint32_t below_highest_{0};  ///< Bit b: highest_-1-b was received.
  wire::AckFrame latest_{};
};

}  // namespace carillon::link
