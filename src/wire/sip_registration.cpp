#include "wire/sip_registration.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

SipRegistrationRoute read_route(Reader& reader) {
  SipRegistrationRoute route;
  route.contact_prefs = read_opaque(reader, 2, "SipRegistration.contact_prefs");
  const std::size_t at = reader.offset();
  const std::size_t length = reader.u16("SipRegistration.destination_list");
  if (length < 3) {
    reader.reject_at("SipRegistration.destination_list", at,
                     "has " + std::to_string(length) + " octets, must have 3 or more");
  }
  route.destination_list =
      within(reader, length, "SipRegistration.destination_list", [](Reader& inner) {
        DestinationList list;
        while (!inner.at_end()) {
          list.push_back(Destination::decode(inner));
        }
        return list;
      });
  return route;
}

}  // namespace

SipRegistrationType SipRegistration::type() const {
  if (const auto* unknown = std::get_if<SipRegistrationUnknown>(&data)) return unknown->type;
  return std::holds_alternative<SipRegistrationUri>(data)
             ? SipRegistrationType::sip_registration_uri
             : SipRegistrationType::sip_registration_route;
}

//   select (SipRegistration.type) {
//     case sip_registration_uri:
//       opaque               uri<0..2^16-1>;
//     case sip_registration_route:
//       opaque               contact_prefs<0..2^16-1>;
//       Destination          destination_list<3..2^16-1>;
//     /* This type can be extended */
//   } SipRegistrationData;
//
//   struct {
//      SipRegistrationType   type;
//      uint16                length;
//      SipRegistrationData   data;
//  } SipRegistration;
SipRegistration SipRegistration::decode(Reader& reader) {
  const auto type = static_cast<SipRegistrationType>(reader.u8("SipRegistration.type"));
  const std::size_t length = reader.u16("SipRegistration.length");
  return within(reader, length, "SipRegistration.data", [&](Reader& inner) -> SipRegistration {
    switch (type) {
      case SipRegistrationType::sip_registration_uri:
        return {SipRegistrationUri{read_opaque(inner, 2, "SipRegistration.uri")}};
      case SipRegistrationType::sip_registration_route:
        return {read_route(inner)};
      default:
        return {SipRegistrationUnknown{type, to_bytes(inner.rest())}};
    }
  });
}

void SipRegistration::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type()));
  writer.sized(2, [&](Writer& inner) {
    if (const auto* uri = std::get_if<SipRegistrationUri>(&data)) {
      inner.opaque16(uri->uri);
    } else if (const auto* route = std::get_if<SipRegistrationRoute>(&data)) {
      inner.opaque16(route->contact_prefs);
      write_list(inner, 2, route->destination_list);
    } else {
      inner.bytes(std::get<SipRegistrationUnknown>(data).octets);
    }
  });
}

}  // namespace carillon::wire
