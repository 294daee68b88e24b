#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// The numbers of RFC 6940, 14.9, and RFC 7851.
enum class ErrorResponseCode : std::uint16_t {
  invalid_error_code = 0x0,
  forbidden = 0x2,
  not_found = 0x3,
  request_timeout = 0x4,
  generation_counter_too_low = 0x5,
  incompatible_with_overlay = 0x6,
  unsupported_forwarding_option = 0x7,
  data_too_large = 0x8,
  data_too_old = 0x9,
  ttl_exceeded = 0xa,
  message_too_large = 0xb,
  unknown_kind = 0xc,
  unknown_extension = 0xd,
  response_too_large = 0xe,
  config_too_old = 0xf,
  config_too_new = 0x10,
  in_progress = 0x11,
  exp_a = 0x12,
  exp_b = 0x13,
  invalid_message = 0x14,
  underlay_destination_unreachable = 0x15,
  underlay_time_exceeded = 0x16,
  message_expired = 0x17,
  upstream_misrouting = 0x18,
  loop_detected = 0x19,
  ttl_hops_exceeded = 0x1a,
};

/// The registry's name, e.g. "Error_Data_Too_Old"; empty for a code that is not assigned.
[[nodiscard]] std::string_view to_string(ErrorResponseCode code);

/// What an error of ours is called on the wire. Faults of this node that the RFC has no name for
/// (a full disk, a full queue) become Error_Request_Timeout: the other side may try again.
[[nodiscard]] ErrorResponseCode to_wire(ErrorCode code);
/// What an error on the wire is to us; a code that we don't know is `invalid_message`.
[[nodiscard]] ErrorCode from_wire(ErrorResponseCode code);

/// RFC 6940, 6.3.3.1.
struct ErrorResponse {
  static constexpr MessageCode code = MessageCode::error;

  ErrorResponseCode error_code{};
  /// Text for people, but a StoreAns for Error_Generation_Counter_Too_Low (7.4.1.2) and
  /// UnknownKinds for Error_Unknown_Kind. At most 65535 octets.
  Bytes error_info{};

  /// The response that reports `error`: its code, and its one line as error_info.
  [[nodiscard]] static ErrorResponse from(const Error& error);
  /// What a caller is told about this response.
  [[nodiscard]] Error to_error(std::string_view where) const;

  [[nodiscard]] static ErrorResponse decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ErrorResponse&, const ErrorResponse&) = default;
};

/// The error_info of Error_Unknown_Kind (7.4.1.2): at most 63 Kinds fit.
struct UnknownKinds {
  static constexpr std::size_t max_kinds = 63;

  std::vector<KindId> unknown_kinds{};

  [[nodiscard]] static UnknownKinds decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const UnknownKinds&, const UnknownKinds&) = default;
};

}  // namespace carillon::wire
