#include "wire/error_response.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

struct Row {
  ErrorResponseCode wire;
  ErrorCode ours;
  std::string_view name;
};

// In both directions the first row that matches counts.
constexpr std::array rows{
    Row{ErrorResponseCode::forbidden, ErrorCode::forbidden, "Error_Forbidden"},
    Row{ErrorResponseCode::not_found, ErrorCode::not_found, "Error_Not_Found"},
    Row{ErrorResponseCode::request_timeout, ErrorCode::request_timeout, "Error_Request_Timeout"},
    Row{ErrorResponseCode::generation_counter_too_low, ErrorCode::generation_counter_too_low,
        "Error_Generation_Counter_Too_Low"},
    Row{ErrorResponseCode::incompatible_with_overlay, ErrorCode::incompatible_with_overlay,
        "Error_Incompatible_with_Overlay"},
    Row{ErrorResponseCode::data_too_large, ErrorCode::data_too_large, "Error_Data_Too_Large"},
    Row{ErrorResponseCode::data_too_old, ErrorCode::data_too_old, "Error_Data_Too_Old"},
    Row{ErrorResponseCode::ttl_exceeded, ErrorCode::ttl_exceeded, "Error_TTL_Exceeded"},
    Row{ErrorResponseCode::message_too_large, ErrorCode::too_large, "Error_Message_Too_Large"},
    Row{ErrorResponseCode::unknown_kind, ErrorCode::unknown_kind, "Error_Unknown_Kind"},
    Row{ErrorResponseCode::unknown_extension, ErrorCode::unknown_extension,
        "Error_Unknown_Extension"},
    Row{ErrorResponseCode::unsupported_forwarding_option, ErrorCode::unknown_extension,
        "Error_Unsupported_Forwarding_Option"},
    Row{ErrorResponseCode::response_too_large, ErrorCode::response_too_large,
        "Error_Response_Too_Large"},
    Row{ErrorResponseCode::config_too_old, ErrorCode::config_too_old, "Error_Config_Too_Old"},
    Row{ErrorResponseCode::config_too_new, ErrorCode::config_too_new, "Error_Config_Too_New"},
    Row{ErrorResponseCode::in_progress, ErrorCode::in_progress, "Error_In_Progress"},
    Row{ErrorResponseCode::exp_a, ErrorCode::exp_a, "Error_Exp_A"},
    Row{ErrorResponseCode::exp_b, ErrorCode::exp_b, "Error_Exp_B"},
    Row{ErrorResponseCode::invalid_message, ErrorCode::invalid_message, "Error_Invalid_Message"},
    Row{ErrorResponseCode::underlay_destination_unreachable, ErrorCode::unreachable,
        "Error_Underlay_Destination_Unreachable"},
    Row{ErrorResponseCode::underlay_time_exceeded, ErrorCode::unreachable,
        "Error_Underlay_Time_Exceeded"},
    Row{ErrorResponseCode::message_expired, ErrorCode::request_timeout, "Error_Message_Expired"},
    Row{ErrorResponseCode::upstream_misrouting, ErrorCode::unreachable,
        "Error_Upstream_Misrouting"},
    Row{ErrorResponseCode::loop_detected, ErrorCode::ttl_exceeded, "Error_Loop_Detected"},
    Row{ErrorResponseCode::ttl_hops_exceeded, ErrorCode::ttl_exceeded, "Error_TTL_Hops_Exceeded"},
};

constexpr std::size_t max_error_info = 65535;

}  // namespace

std::string_view to_string(ErrorResponseCode code) {
  const auto row = std::ranges::find(rows, code, &Row::wire);
  return row != rows.end() ? row->name : std::string_view{};
}

ErrorResponseCode to_wire(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed:
    case ErrorCode::invalid_argument:
      return ErrorResponseCode::invalid_message;
    case ErrorCode::bad_signature:
    case ErrorCode::bad_certificate:
      return ErrorResponseCode::forbidden;
    case ErrorCode::not_joined:
    case ErrorCode::unreachable:
    case ErrorCode::busy:
    case ErrorCode::disk_full:
    case ErrorCode::io:
    case ErrorCode::corrupt:
      return ErrorResponseCode::request_timeout;
    default:
      break;
  }
  const auto row = std::ranges::find(rows, code, &Row::ours);
  return row != rows.end() ? row->wire : ErrorResponseCode::invalid_message;
}

ErrorCode from_wire(ErrorResponseCode code) {
  const auto row = std::ranges::find(rows, code, &Row::wire);
  return row != rows.end() ? row->ours : ErrorCode::invalid_message;
}

ErrorResponse ErrorResponse::from(const Error& error) {
  const std::string line = error.message();
  return {to_wire(error.code),
          to_bytes(as_bytes(line).first(std::min(line.size(), max_error_info)))};
}

Error ErrorResponse::to_error(std::string_view where) const {
  // Only two codes have something other than text in error_info (7.4.1.2).
  const bool binary = error_code == ErrorResponseCode::generation_counter_too_low ||
                      error_code == ErrorResponseCode::unknown_kind;
  std::string detail = "answered " + std::string{to_string(error_code)};
  if (to_string(error_code).empty()) {
    detail += "error " + hex_number(static_cast<std::uint64_t>(error_code));
  }
  if (!binary && !error_info.empty()) {
    detail += ": ";
    // The other side's text goes to a log: no control characters.
    for (const char c : as_text(error_info).substr(0, 200)) {
      detail += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '?' : c;
    }
  }
  return {from_wire(error_code), std::string{where}, std::move(detail)};
}

//   public struct {
//     uint16             error_code;
//     opaque             error_info<0..2^16-1>;
//   } ErrorResponse;
ErrorResponse ErrorResponse::decode(Reader& reader) {
  ErrorResponse value;
  value.error_code = static_cast<ErrorResponseCode>(reader.u16("ErrorResponse.error_code"));
  value.error_info = read_opaque(reader, 2, "ErrorResponse.error_info");
  return value;
}

void ErrorResponse::encode(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(error_code));
  writer.opaque16(error_info);
}

//   KindId        unknown_kinds<0..2^8-1>;
UnknownKinds UnknownKinds::decode(Reader& reader) {
  return {read_list_of(reader, 1, "unknown_kinds",
                       [](Reader& inner) { return read_kind_id(inner, "unknown_kinds"); })};
}

void UnknownKinds::encode(Writer& writer) const {
  writer.sized(1, [&](Writer& inner) {
    for (const KindId kind : unknown_kinds)
      write_kind_id(inner, kind);
  });
}

}  // namespace carillon::wire
