#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.hpp"
#include "wire/message_code.hpp"

namespace carillon::transport {

struct TransportCounters {
  std::uint64_t requests_sent{};
  std::uint64_t retransmissions{};
  std::uint64_t responses_accepted{};
  std::uint64_t timeouts{};
  std::uint64_t requests_received{};  ///< Verified; repetitions not included.
  std::uint64_t answers_sent{};
  std::uint64_t errors_sent{};
  std::uint64_t repeated_answered{};   ///< Repetitions that were answered from the cache.
  std::uint64_t repeated_swallowed{};  ///< Repetitions of what is still being worked on.
  std::uint64_t late_answers{};        ///< Answers to tokens that had expired.
  std::uint64_t answers_unsent{};      ///< No way back was found, or it was busy.
  std::uint64_t not_signed{};          ///< The key failed.
  std::uint64_t malformed{};
  std::uint64_t not_authentic{};       ///< Signature or certificate were not good.
  std::uint64_t unmatched{};           ///< Responses to what was not asked, or not any more.
  std::uint64_t wrong_responder{};     ///< Responses that failed the checks of 6.3.4.
  std::uint64_t advisory_errors{};     ///< Errors from nodes on the way.
  std::uint64_t rejections_limited{};  ///< Error answers not sent because there were too many.
};

enum class MessageDirection : std::uint8_t { sent, received };

/// One message of this node's own, for statistics.
struct MessageEvent {
  MessageDirection direction{};
  wire::MessageCode code{};
  std::size_t payload_octets{};
  /// For a received response: since the request was first sent.
  std::optional<MonotonicClock::duration> round_trip{};
};

/// Called while the transport changes its state: must only count, never call back.
using MessageObserver = std::function<void(const MessageEvent&)>;

}  // namespace carillon::transport
