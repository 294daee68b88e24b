#include "wire/message_code.hpp"

namespace carillon::wire {
namespace {

constexpr std::uint16_t first_reserved = 0x8000;

}  // namespace

std::string_view to_string(MessageCode code) {
  switch (code) {
    case MessageCode::invalid_message_code:
      return "invalidMessageCode";
    case MessageCode::probe_req:
      return "probe_req";
    case MessageCode::probe_ans:
      return "probe_ans";
    case MessageCode::attach_req:
      return "attach_req";
    case MessageCode::attach_ans:
      return "attach_ans";
    case MessageCode::store_req:
      return "store_req";
    case MessageCode::store_ans:
      return "store_ans";
    case MessageCode::fetch_req:
      return "fetch_req";
    case MessageCode::fetch_ans:
      return "fetch_ans";
    case MessageCode::find_req:
      return "find_req";
    case MessageCode::find_ans:
      return "find_ans";
    case MessageCode::join_req:
      return "join_req";
    case MessageCode::join_ans:
      return "join_ans";
    case MessageCode::leave_req:
      return "leave_req";
    case MessageCode::leave_ans:
      return "leave_ans";
    case MessageCode::update_req:
      return "update_req";
    case MessageCode::update_ans:
      return "update_ans";
    case MessageCode::route_query_req:
      return "route_query_req";
    case MessageCode::route_query_ans:
      return "route_query_ans";
    case MessageCode::ping_req:
      return "ping_req";
    case MessageCode::ping_ans:
      return "ping_ans";
    case MessageCode::stat_req:
      return "stat_req";
    case MessageCode::stat_ans:
      return "stat_ans";
    case MessageCode::app_attach_req:
      return "app_attach_req";
    case MessageCode::app_attach_ans:
      return "app_attach_ans";
    case MessageCode::config_update_req:
      return "config_update_req";
    case MessageCode::config_update_ans:
      return "config_update_ans";
    case MessageCode::exp_a_req:
      return "exp_a_req";
    case MessageCode::exp_a_ans:
      return "exp_a_ans";
    case MessageCode::exp_b_req:
      return "exp_b_req";
    case MessageCode::exp_b_ans:
      return "exp_b_ans";
    case MessageCode::path_track_req:
      return "path_track_req";
    case MessageCode::path_track_ans:
      return "path_track_ans";
    case MessageCode::error:
      return "error";
  }
  return {};
}

bool is_request(MessageCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number < first_reserved && number % 2 == 1;
}

bool is_response(MessageCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return code == MessageCode::error || (number != 0 && number < first_reserved && number % 2 == 0);
}

MessageCode answer_to(MessageCode request) {
  return static_cast<MessageCode>(static_cast<std::uint16_t>(request) + 1);
}

}  // namespace carillon::wire
