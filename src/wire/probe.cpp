#include "wire/probe.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

ProbeInformationType read_type(Reader& reader) {
  return static_cast<ProbeInformationType>(reader.u8("ProbeInformation.type"));
}

}  // namespace

std::string_view to_string(ProbeInformationType type) {
  switch (type) {
    case ProbeInformationType::invalid_probe_option:
      return "invalidProbeOption";
    case ProbeInformationType::responsible_set:
      return "responsible_set";
    case ProbeInformationType::num_resources:
      return "num_resources";
    case ProbeInformationType::uptime:
      return "uptime";
    case ProbeInformationType::exp_probe:
      return "exp-probe";
  }
  return {};
}

//   struct {
//     ProbeInformationType     requested_info<0..2^8-1>;
//   } ProbeReq;
ProbeReq ProbeReq::decode(Reader& reader) {
  return {read_list_of(reader, 1, "ProbeReq.requested_info", read_type)};
}

void ProbeReq::encode(Writer& writer) const {
  writer.sized(1, [&](Writer& inner) {
    for (const auto type : requested_info)
      inner.u8(static_cast<std::uint8_t>(type));
  });
}

//   struct {
//     select (type) {
//       case responsible_set:
//         uint32             responsible_ppb;
//       case num_resources:
//         uint32             num_resources;
//       case uptime:
//         uint32             uptime;
//       /* This type may be extended */
//     };
//   } ProbeInformationData;
//
//   struct {
//     ProbeInformationType    type;
//     uint8                   length;
//     ProbeInformationData    value;
//   } ProbeInformation;
ProbeInformation ProbeInformation::decode(Reader& reader) {
  ProbeInformation information;
  information.type = read_type(reader);
  const std::size_t length = reader.u8("ProbeInformation.length");
  information.value = within(reader, length, "ProbeInformation.value",
                             [&](Reader& inner) -> std::variant<std::uint32_t, Bytes> {
                               switch (information.type) {
                                 case ProbeInformationType::responsible_set:
                                 case ProbeInformationType::num_resources:
                                 case ProbeInformationType::uptime:
                                   return inner.u32("ProbeInformation.value");
                                 default:
                                   return to_bytes(inner.rest());
                               }
                             });
  return information;
}

void ProbeInformation::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  writer.sized(1, [&](Writer& inner) {
    if (const auto* number = std::get_if<std::uint32_t>(&value)) {
      inner.u32(*number);
    } else {
      inner.bytes(std::get<Bytes>(value));
    }
  });
}

//   struct {
//     ProbeInformation        probe_info<0..2^16-1>;
//   } ProbeAns;
ProbeAns ProbeAns::decode(Reader& reader) {
  return {read_list<ProbeInformation>(reader, 2, "ProbeAns.probe_info")};
}

void ProbeAns::encode(Writer& writer) const {
  write_list(writer, 2, probe_info);
}

}  // namespace carillon::wire
