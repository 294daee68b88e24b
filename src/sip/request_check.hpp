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

/// The option tag stands in the header (Supported, Require).
[[nodiscard]] bool has_option(const SipMessage& message, HeaderId id, std::string_view tag);

/// The same for a response: its mandatory headers are there and can be read.
[[nodiscard]] bool is_sound_response(const SipMessage& response);

/// A NAT has changed where it seems to come from: by its Via it was sent from another address than
/// it came from. Only of who asks for rport can that be said, since others may send from any port;
/// and only they can for certain be reached where they sent from (RFC 3581, 4; decision 12).
[[nodiscard]] bool is_translated(const IncomingRequest& request);

}  // namespace carillon::sip
