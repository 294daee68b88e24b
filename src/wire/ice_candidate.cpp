#include "wire/ice_candidate.hpp"

namespace carillon::wire {

std::string_view to_string(OverlayLinkType type) {
  switch (type) {
    case OverlayLinkType::invalid_protocol:
      return "INVALID-PROTOCOL";
    case OverlayLinkType::dtls_udp_sr:
      return "DTLS-UDP-SR";
    case OverlayLinkType::dtls_udp_sr_no_ice:
      return "DTLS-UDP-SR-NO-ICE";
    case OverlayLinkType::tls_tcp_fh_no_ice:
      return "TLS-TCP-FH-NO-ICE";
    case OverlayLinkType::exp_link:
      return "EXP-LINK";
  }
  return {};
}

std::string_view to_string(CandType type) {
  switch (type) {
    case CandType::invalid_cand_type:
      return "invalidCandType";
    case CandType::host:
      return "host";
    case CandType::srflx:
      return "srflx";
    case CandType::prflx:
      return "prflx";
    case CandType::relay:
      return "relay";
  }
  return {};
}

std::optional<bool> uses_ice(OverlayLinkType type) {
  switch (type) {
    case OverlayLinkType::dtls_udp_sr:
      return true;
    case OverlayLinkType::dtls_udp_sr_no_ice:
    case OverlayLinkType::tls_tcp_fh_no_ice:
      return false;
    default:
      return std::nullopt;
  }
}

//   struct {
//     opaque                name<0..2^16-1>;
//     opaque                value<0..2^16-1>;
//   } IceExtension;
IceExtension IceExtension::decode(Reader& reader) {
  IceExtension extension;
  extension.name = read_opaque(reader, 2, "IceExtension.name");
  extension.value = read_opaque(reader, 2, "IceExtension.value");
  return extension;
}

void IceExtension::encode(Writer& writer) const {
  writer.opaque16(name);
  writer.opaque16(value);
}

//   struct {
//     IpAddressPort         addr_port;
//     OverlayLinkType       overlay_link;
//     opaque                foundation<0..255>;
//     uint32                priority;
//     CandType              type;
//     select (type) {
//       case host:
//         ;          /* Empty */
//       case srflx:
//       case relay:
//         IpAddressPort     rel_addr_port;
//     };
//     IceExtension          extensions<0..2^16-1>;
//   } IceCandidate;
IceCandidate IceCandidate::decode(Reader& reader) {
  IceCandidate value;
  value.addr_port = IpAddressPort::decode(reader);
  value.overlay_link = static_cast<OverlayLinkType>(reader.u8("IceCandidate.overlay_link"));
  value.foundation = read_opaque(reader, 1, "IceCandidate.foundation");
  value.priority = reader.u32("IceCandidate.priority");
  const std::size_t type_at = reader.offset();
  value.type = static_cast<CandType>(reader.u8("IceCandidate.type"));
  switch (value.type) {
    case CandType::host:
      break;
    case CandType::srflx:
    case CandType::prflx:
    case CandType::relay:
      value.rel_addr_port = IpAddressPort::decode(reader);
      break;
    default:
      reader.reject_at(
          "IceCandidate.type", type_at,
          "is " + hex_number(static_cast<std::uint64_t>(value.type)) + ", which is not known");
  }
  value.extensions = read_list<IceExtension>(reader, 2, "IceCandidate.extensions");
  return value;
}

void IceCandidate::encode(Writer& writer) const {
  addr_port.encode(writer);
  writer.u8(static_cast<std::uint8_t>(overlay_link));
  writer.opaque8(foundation);
  writer.u32(priority);
  writer.u8(static_cast<std::uint8_t>(type));
  if (type != CandType::host) rel_addr_port.value_or(IpAddressPort{}).encode(writer);
  write_list(writer, 2, extensions);
}

}  // namespace carillon::wire
