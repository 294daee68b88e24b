#pragma once

#include <optional>
#include <string>

#include "sip/hop.hpp"

namespace carillon::sip {

/// Why a request is refused before anything else is done with it.
struct BadRequest {
  int status{400};
  std::string reason{};  ///< Empty: the usual one.
};

/// The checks of RFC 3261, 8.1.1, 8.2 and 16.3 that concern the message alone. Fills in what it
/// takes apart on the way: Via (with received and rport), CSeq and where to reply.
/// Even a refused request can be answered at `reply_to`.
[[nodiscard]] std::optional<BadRequest> check_request(IncomingRequest& request);

/// The same for a response: its mandatory headers are there and can be read.
[[nodiscard]] bool is_sound_response(const SipMessage& response);

}  // namespace carillon::sip
