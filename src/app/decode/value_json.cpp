#include "app/decode/value_json.hpp"

#include "app/decode/message_json.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

namespace carillon::app {
namespace {

Json sip_registration(const wire::SipRegistration& registration) {
  constexpr std::size_t before_length = 3;
  const std::size_t length = wire::encode(registration).size() - before_length;
  if (const auto* uri = std::get_if<wire::SipRegistrationUri>(&registration.data)) {
    return {{"type", "sip_registration_uri"}, {"length", length}, {"uri", text(uri->uri)}};
  }
  if (const auto* route = std::get_if<wire::SipRegistrationRoute>(&registration.data)) {
    return {{"type", "sip_registration_route"},
            {"length", length},
            {"contact_prefs", text(route->contact_prefs)},
            {"destination_list", to_json(route->destination_list)}};
  }
  return {{"type", static_cast<std::uint64_t>(registration.type())},
          {"length", length},
          {"data", hex(std::get<wire::SipRegistrationUnknown>(registration.data).octets)}};
}

}  // namespace

void add_decoded_value(Json& json, KindId kind, ByteView value) {
  if (kind == KindId::sip_registration) {
    if (const auto registration = wire::decode_whole<wire::SipRegistration>(value)) {
      json["SipRegistration"] = sip_registration(*registration);
    }
  } else if (kind == KindId::turn_service) {
    if (const auto server = wire::decode_whole<wire::TurnServer>(value)) {
      json["TurnServer"] = {{"iteration", server->iteration},
                            {"server_address", to_json(server->server_address)}};
    }
  }
}

}  // namespace carillon::app
