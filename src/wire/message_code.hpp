#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::wire {

/// RFC 6940, 14.8. Requests are odd, their answers follow.
enum class MessageCode : std::uint16_t {
  invalid_message_code = 0x0,
  probe_req = 0x1,
  probe_ans = 0x2,
  attach_req = 0x3,
  attach_ans = 0x4,
  store_req = 0x7,
  store_ans = 0x8,
  fetch_req = 0x9,
  fetch_ans = 0xa,
  find_req = 0xd,
  find_ans = 0xe,
  join_req = 0xf,
  join_ans = 0x10,
  leave_req = 0x11,
  leave_ans = 0x12,
  update_req = 0x13,
  update_ans = 0x14,
  route_query_req = 0x15,
  route_query_ans = 0x16,
  ping_req = 0x17,
  ping_ans = 0x18,
  stat_req = 0x19,
  stat_ans = 0x1a,
  app_attach_req = 0x1d,
  app_attach_ans = 0x1e,
  config_update_req = 0x21,
  config_update_ans = 0x22,
  exp_a_req = 0x23,
  exp_a_ans = 0x24,
  exp_b_req = 0x25,
  exp_b_ans = 0x26,
  path_track_req = 0x27,  ///< RFC 7851
  path_track_ans = 0x28,
  error = 0xffff,
};

/// The registry's name, e.g. "store_req"; empty for a code that is not assigned.
[[nodiscard]] std::string_view to_string(MessageCode code);

/// Odd and below 0x8000, known or not.
[[nodiscard]] bool is_request(MessageCode code);
/// Any answer or an error; neither this nor `is_request` holds for 0 and the reserved codes.
[[nodiscard]] bool is_response(MessageCode code);
/// The code of a successful answer to `request`, which must be a request.
[[nodiscard]] MessageCode answer_to(MessageCode request);

}  // namespace carillon::wire
