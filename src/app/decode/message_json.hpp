#pragma once

#include "app/decode/json.hpp"
#include "wire/framed_message.hpp"
#include "wire/ip_address_port.hpp"
#include "wire/message.hpp"

namespace carillon::app {

[[nodiscard]] Json to_json(const wire::IpAddressPort& address);
[[nodiscard]] Json to_json(const wire::Destination& destination);
[[nodiscard]] Json to_json(const wire::DestinationList& list);
[[nodiscard]] Json to_json(const wire::ForwardingHeader& header);
[[nodiscard]] Json to_json(const wire::Signature& signature);
[[nodiscard]] Json to_json(const wire::SecurityBlock& block);

/// `body` stands where the message_body's octets were.
[[nodiscard]] Json to_json(const wire::MessageContents& contents, Json body);

/// The frame without its message.
[[nodiscard]] Json to_json(const wire::FramedMessage& framed);

}  // namespace carillon::app
