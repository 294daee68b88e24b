#pragma once

#include <type_traits>
#include <utility>

#include "wire/app_attach.hpp"
#include "wire/attach.hpp"
#include "wire/chord_route_query_ans.hpp"
#include "wire/chord_update.hpp"
#include "wire/config_update.hpp"
#include "wire/error_response.hpp"
#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/join.hpp"
#include "wire/leave.hpp"
#include "wire/ping.hpp"
#include "wire/probe.hpp"
#include "wire/route_query.hpp"
#include "wire/stat.hpp"
#include "wire/store.hpp"
#include "wire/update.hpp"

// For who must deal with any message, whatever it carries. Everybody else includes the structures
// that he needs.
namespace carillon::wire {

/// Whether decoding a T needs to know the data models of Kinds.
template <typename T>
concept DependsOnDataModel =
    requires(Reader& reader, const DataModelOf& models) { T::decode(reader, models); };

/// Decodes a whole body, with or without `models`, as its type wants it.
template <typename T>
[[nodiscard]] Result<T> decode_body(ByteView octets, const DataModelOf& models) {
  if constexpr (DependsOnDataModel<T>) {
    return decode_whole<T>(octets, models);
  } else {
    return decode_whole<T>(octets);
  }
}

/// Calls `visit(std::type_identity<T>{})` with the structure T that `code` says the body is, in
/// CHORD-RELOAD. Returns false, without a call, if the RFC has no structure for the code.
template <typename Visit>
bool visit_body_type(MessageCode code, Visit&& visit) {
  const auto found = [&]<typename T>(std::type_identity<T> type) {
    std::forward<Visit>(visit)(type);
    return true;
  };
  // clang-format off
  switch (code) {
    case MessageCode::probe_req: return found(std::type_identity<ProbeReq>{});
    case MessageCode::probe_ans: return found(std::type_identity<ProbeAns>{});
    case MessageCode::attach_req:
    case MessageCode::attach_ans: return found(std::type_identity<AttachReqAns>{});
    case MessageCode::store_req: return found(std::type_identity<StoreReq>{});
    case MessageCode::store_ans: return found(std::type_identity<StoreAns>{});
    case MessageCode::fetch_req: return found(std::type_identity<FetchReq>{});
    case MessageCode::fetch_ans: return found(std::type_identity<FetchAns>{});
    case MessageCode::find_req: return found(std::type_identity<FindReq>{});
    case MessageCode::find_ans: return found(std::type_identity<FindAns>{});
    case MessageCode::join_req: return found(std::type_identity<JoinReq>{});
    case MessageCode::join_ans: return found(std::type_identity<JoinAns>{});
    case MessageCode::leave_req: return found(std::type_identity<LeaveReq>{});
    case MessageCode::leave_ans: return found(std::type_identity<LeaveAns>{});
    case MessageCode::update_req: return found(std::type_identity<ChordUpdate>{});
    case MessageCode::update_ans: return found(std::type_identity<UpdateAns>{});
    case MessageCode::route_query_req: return found(std::type_identity<RouteQueryReq>{});
    case MessageCode::route_query_ans: return found(std::type_identity<ChordRouteQueryAns>{});
    case MessageCode::ping_req: return found(std::type_identity<PingReq>{});
    case MessageCode::ping_ans: return found(std::type_identity<PingAns>{});
    case MessageCode::stat_req: return found(std::type_identity<StatReq>{});
    case MessageCode::stat_ans: return found(std::type_identity<StatAns>{});
    case MessageCode::app_attach_req: return found(std::type_identity<AppAttachReq>{});
    case MessageCode::app_attach_ans: return found(std::type_identity<AppAttachAns>{});
    case MessageCode::config_update_req: return found(std::type_identity<ConfigUpdateReq>{});
    case MessageCode::config_update_ans: return found(std::type_identity<ConfigUpdateAns>{});
    case MessageCode::error: return found(std::type_identity<ErrorResponse>{});
    default: return false;
  }
  // clang-format on
}

}  // namespace carillon::wire
