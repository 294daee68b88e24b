#include "app/decode/body_json.hpp"

#include "app/decode/message_json.hpp"
#include "app/decode/storage_json.hpp"
#include "base/bytes.hpp"
#include "wire/chord_leave_data.hpp"
#include "wire/message_body.hpp"

namespace carillon::app {
namespace {

using app::to_json;  // else those below hide them

Json node_ids(const std::vector<NodeId>& ids) {
  return json_list(ids, [](const NodeId& id) { return id.to_hex(); });
}

Json to_json(wire::ProbeInformationType type) {
  return name_or_number(to_string(type), static_cast<std::uint64_t>(type));
}

Json to_json(const wire::ProbeReq& request) {
  return {{"requested_info",
           json_list(request.requested_info, [](const auto& one) { return to_json(one); })}};
}

/// The case of ProbeInformationData.
std::string value_name(wire::ProbeInformationType type) {
  if (type == wire::ProbeInformationType::responsible_set) return "responsible_ppb";
  return std::string{to_string(type)};
}

Json to_json(const wire::ProbeInformation& information) {
  constexpr std::size_t before_length = 2;
  Json json = {{"type", to_json(information.type)},
               {"length", wire::encode(information).size() - before_length}};
  if (const auto* number = std::get_if<std::uint32_t>(&information.value)) {
    json["value"] = {{value_name(information.type), *number}};
  } else {
    json["value"] = hex(std::get<Bytes>(information.value));
  }
  return json;
}

Json to_json(const wire::ProbeAns& answer) {
  return {
      {"probe_info", json_list(answer.probe_info, [](const auto& one) { return to_json(one); })}};
}

Json to_json(const wire::IceExtension& extension) {
  return {{"name", text(extension.name)}, {"value", text(extension.value)}};
}

Json to_json(const wire::IceCandidate& candidate) {
  Json json = {{"addr_port", to_json(candidate.addr_port)},
               {"overlay_link", name_or_number(to_string(candidate.overlay_link),
                                               static_cast<std::uint64_t>(candidate.overlay_link))},
               {"foundation", text(candidate.foundation)},
               {"priority", candidate.priority},
               {"type", name_or_number(to_string(candidate.type),
                                       static_cast<std::uint64_t>(candidate.type))}};
  if (candidate.rel_addr_port) json["rel_addr_port"] = to_json(*candidate.rel_addr_port);
  json["extensions"] =
      json_list(candidate.extensions, [](const auto& one) { return to_json(one); });
  return json;
}

Json to_json(const wire::AttachReqAns& attach) {
  return {
      {"ufrag", text(attach.ufrag)},
      {"password", text(attach.password)},
      {"role", text(attach.role)},
      {"candidates", json_list(attach.candidates, [](const auto& one) { return to_json(one); })},
      {"send_update", attach.send_update}};
}

template <typename AppAttach>
Json app_attach(const AppAttach& attach) {
  return {
      {"ufrag", text(attach.ufrag)},
      {"password", text(attach.password)},
      {"application", static_cast<std::uint64_t>(attach.application)},
      {"role", text(attach.role)},
      {"candidates", json_list(attach.candidates, [](const auto& one) { return to_json(one); })}};
}

Json to_json(const wire::AppAttachReq& request) {
  return app_attach(request);
}
Json to_json(const wire::AppAttachAns& answer) {
  return app_attach(answer);
}

Json to_json(const wire::JoinReq& request) {
  return {{"joining_peer_id", request.joining_peer_id.to_hex()},
          {"overlay_specific_data", hex(request.overlay_specific_data)}};
}

Json to_json(const wire::JoinAns& answer) {
  return {{"overlay_specific_data", hex(answer.overlay_specific_data)}};
}

Json to_json(const wire::ChordLeaveData& leave) {
  return {{"type", std::string{to_string(leave.type)}},
          {leave.type == wire::ChordLeaveType::from_succ ? "successors" : "predecessors",
           node_ids(leave.nodes)}};
}

Json to_json(const wire::LeaveReq& request) {
  Json json = {{"leaving_peer_id", request.leaving_peer_id.to_hex()},
               {"overlay_specific_data", hex(request.overlay_specific_data)}};
  if (const auto leave = wire::decode_whole<wire::ChordLeaveData>(request.overlay_specific_data)) {
    json["ChordLeaveData"] = to_json(*leave);
  }
  return json;
}

Json to_json(const wire::LeaveAns& /*answer*/) {
  return Json::object();
}
Json to_json(const wire::UpdateAns& /*answer*/) {
  return Json::object();
}
Json to_json(const wire::ConfigUpdateAns& /*answer*/) {
  return Json::object();
}

Json to_json(const wire::ChordUpdate& update) {
  Json json = {{"uptime", update.uptime}, {"type", std::string{to_string(update.type)}}};
  if (update.type != wire::ChordUpdateType::peer_ready) {
    json["predecessors"] = node_ids(update.predecessors);
    json["successors"] = node_ids(update.successors);
  }
  if (update.type == wire::ChordUpdateType::full) json["fingers"] = node_ids(update.fingers);
  return json;
}

Json to_json(const wire::RouteQueryReq& request) {
  return {{"send_update", request.send_update},
          {"destination", to_json(request.destination)},
          {"overlay_specific_data", hex(request.overlay_specific_data)}};
}

Json to_json(const wire::ChordRouteQueryAns& answer) {
  return {{"next_peer", answer.next_peer.to_hex()}};
}

Json to_json(const wire::PingReq& request) {
  return {{"padding", hex(request.padding)}};
}

Json to_json(const wire::PingAns& answer) {
  return {{"response_id", identifier(answer.response_id, 16)}, {"time", answer.time}};
}

Json to_json(const wire::ConfigUpdateReq& request) {
  constexpr std::size_t before_length = 5;
  const std::size_t length = wire::encode(request).size() - before_length;
  if (const auto* config = std::get_if<wire::ConfigUpdateConfig>(&request.update)) {
    return {{"type", "config"}, {"length", length}, {"config_data", text(config->config_data)}};
  }
  if (const auto* kind = std::get_if<wire::ConfigUpdateKind>(&request.update)) {
    Json kinds = Json::array();
    for (const Bytes& description : kind->kinds)
      kinds.push_back(text(description));
    return {{"type", "kind"}, {"length", length}, {"kinds", std::move(kinds)}};
  }
  return {{"type", static_cast<std::uint64_t>(request.type())},
          {"length", length},
          {"data", hex(std::get<wire::ConfigUpdateUnknown>(request.update).octets)}};
}

Json to_json(const wire::ErrorResponse& response) {
  Json json = {{"error_code", name_or_number(to_string(response.error_code),
                                             static_cast<std::uint64_t>(response.error_code))}};
  // Two errors have a structure in error_info, the others a text (7.4.1.2).
  if (response.error_code == wire::ErrorResponseCode::unknown_kind) {
    json["error_info"] = hex(response.error_info);
    if (const auto unknown = wire::decode_whole<wire::UnknownKinds>(response.error_info)) {
      json["unknown_kinds"] = Json::array();
      for (const KindId kind : unknown->unknown_kinds) {
        json["unknown_kinds"].push_back(kind_name(kind));
      }
    }
  } else if (response.error_code == wire::ErrorResponseCode::generation_counter_too_low) {
    json["error_info"] = hex(response.error_info);
    if (const auto answer = wire::decode_whole<wire::StoreAns>(response.error_info)) {
      json["StoreAns"] = to_json(*answer);
    }
  } else {
    json["error_info"] = text(response.error_info);
  }
  return json;
}

}  // namespace

Result<DecodedBody> decode_message_body(wire::MessageCode code, ByteView body,
                                        const wire::DataModelOf& models) {
  Result<DecodedBody> decoded = DecodedBody{hex(body), to_bytes(body)};
  (void)wire::visit_body_type(code, [&]<typename T>(std::type_identity<T>) {
    const auto value = wire::decode_body<T>(body, models);
    if (value) {
      decoded = DecodedBody{to_json(*value), wire::encode(*value)};
    } else {
      decoded = std::unexpected(value.error());
    }
  });
  return decoded;
}

}  // namespace carillon::app
