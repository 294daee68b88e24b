#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "security/certificate_bucket.hpp"
#include "security/credential.hpp"
#include "wire/forwarding_option.hpp"
#include "wire/message_extension.hpp"

namespace carillon::transport {

/// Whose response is believed (RFC 6940, 6.3.4).
enum class ResponderCheck : std::uint8_t {
  /// The node that the Destination List ends in; for a Resource-ID, a node at least as close to it
  /// as our neighbors; for the wildcard, any.
  by_destination,
  /// Any node of the overlay: for the ping that looks for a partition (10.7.4.4), whose answer
  /// comes, as intended, from a node that our own tables know nothing of.
  anybody,
};

/// What to do when the link closes over which a request went.
enum class OnLinkDown : std::uint8_t {
  resend,  ///< Send again at once another way, as one of the allowed transmissions.
  wait,    ///< Send again when the timer says so.
  fail,    ///< Give up with `unreachable`; also if there is no way to begin with.
};

struct RequestOptions {
  ResponderCheck responder{ResponderCheck::by_destination};
  OnLinkDown on_link_down{OnLinkDown::resend};
  /// Fewer transmissions, or another interval, than the overlay's.
  std::optional<unsigned> max_sends{};
  std::optional<milliseconds> interval{};
  /// 0: whatever the overlay's max-message-size allows.
  std::uint32_t max_response_length{0};
  std::vector<wire::ForwardingOption> forwarding_options{};
  std::vector<wire::MessageExtension> extensions{};
  /// Certificates that the values in the request were signed with (6.3.4).
  security::CertificateBucket certificates{};
  /// Who signs the request, instead of the node's own credential: the user on whose behalf an
  /// original Store is made (7.4.1.1). Must be of this node's Node-ID.
  std::shared_ptr<const security::Credential> credential{};
};

}  // namespace carillon::transport
