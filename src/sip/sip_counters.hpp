#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sip/method.hpp"

namespace carillon::sip {

/// What happened since the start, for statistics. Only grows.
struct SipCounters {
  std::array<std::uint64_t, method_count> requests_in{};  ///< By method, retransmissions included.
  /// Final and provisional responses that we sent: by method of the request and class (1xx is 0).
  std::array<std::array<std::uint64_t, 6>, method_count> responses_out{};
  std::uint64_t responses_in{};
  std::uint64_t requests_out{};
  std::uint64_t malformed{};        ///< Could not be parsed, or lacked what is mandatory.
  std::uint64_t dropped{};          ///< Stray responses and ACKs, what cannot be answered.
  std::uint64_t retransmissions{};  ///< Absorbed by a transaction.
  std::uint64_t overloaded{};       ///< Refused because a table was full.
  std::uint64_t wrong_passwords{};
  std::uint64_t bans{};            ///< Source addresses, for a time.
  std::uint64_t dropped_banned{};  ///< Messages from banned sources,
  std::uint64_t dropped_flood{};   ///< and from such as send too many.
  std::uint64_t refused_users{};   ///< Requests of users who ask too much, or are being guessed.
  std::uint64_t refused_connections{};
  std::uint64_t shed_fresh{};  ///< Answered with 503 because there was too much to do.
  std::uint64_t shed_begun{};
  std::uint64_t challenges{};      ///< 401 and 407 sent.
  std::uint64_t refreshes{};       ///< REGISTERs answered without the overlay.
  std::uint64_t redirects{};       ///< Answered with 302.
  std::uint64_t trunk_requests{};  ///< Sent to a trunk,
  std::uint64_t trunk_failures{};  ///< and how often one did not take it.
  std::uint64_t taken_over{};      ///< Requests in dialogs whose peer, or flow, was gone.
  std::uint64_t publishes{};
  std::uint64_t lookups{};
};

/// What there is now.
struct SipGauges {
  std::size_t bindings{};
  std::size_t aors{};
  std::size_t server_transactions{};
  std::size_t client_transactions{};
  std::size_t flows{};
  std::size_t phone_flows{};  ///< Among them.
  std::size_t subscriptions{};
  double overload{};  ///< 0: nothing is shed; 1: all new work; 2: all that is not under way.
};

}  // namespace carillon::sip
