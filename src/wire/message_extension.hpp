#pragma once

#include <cstdint>

#include "wire/codec.hpp"

namespace carillon::wire {

/// RFC 6940, 14.14; RFC 7851; RFC 7363.
enum class MessageExtensionType : std::uint16_t {
  invalid_message_extension_type = 0,
  exp_ext = 1,
  diagnostic_ping = 2,
  self_tuning_data = 3,
};

/// RFC 6940, 6.3.3. Any type, known or not: the contents are kept as octets.
struct MessageExtension {
  MessageExtensionType type{};
  bool critical{};  ///< Who does not understand it must answer Error_Unknown_Extension.
  Bytes extension_contents{};

  [[nodiscard]] static MessageExtension decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const MessageExtension&, const MessageExtension&) = default;
};

}  // namespace carillon::wire
