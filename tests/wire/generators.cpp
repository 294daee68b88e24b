#include <set>

#include "wire/chord_leave_data.hpp"
#include "wire/generator_parts.hpp"
#include "wire/message.hpp"
#include "wire/message_body.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

namespace carillon::wire::testing {

std::size_t below(std::size_t limit) {
  return *rc::gen::inRange<std::size_t>(0, limit);
}

std::uint8_t octet() {
  return *rc::gen::arbitrary<std::uint8_t>();
}

Bytes bytes(std::size_t max_size) {
  Bytes octets(below(max_size + 1));
  for (auto& one : octets)
    one = octet();
  return octets;
}

NodeId any_node() {
  NodeId::Octets octets{};
  for (auto& octet : octets)
    octet = number<std::uint8_t>();
  return NodeId{octets};
}

ResourceId any_resource() {
  return ResourceId{bytes(254)};
}

std::vector<NodeId> nodes() {
  return several(any_node);
}

KindId kind() {
  return KindId{number<std::uint32_t>()};
}

std::vector<KindId> kinds() {
  const auto list = several(kind);
  const std::set<KindId> unique(list.begin(), list.end());
  return {unique.begin(), unique.end()};
}

Signature signature() {
  Signature value;
  value.algorithm = {enumeration<HashAlgorithm>(256), enumeration<SignatureAlgorithm>(256)};
  switch (below(4)) {
    case 0:
      break;
    case 1:
      value.identity.identity = CertHash{enumeration<HashAlgorithm>(256), bytes(64)};
      break;
    case 2:
      value.identity.identity = CertHashNodeId{enumeration<HashAlgorithm>(256), bytes(64)};
      break;
    default:
      value.identity.identity = UnknownSigner{SignerIdentityType{between(4, 255)}, bytes()};
  }
  value.signature_value = bytes(80);
  return value;
}

namespace {

IpAddressPort address() {
  switch (below(3)) {
    case 0: {
      IPv4AddrPort v4;
      for (auto& octet : v4.addr)
        octet = number<std::uint8_t>();
      v4.port = number<std::uint16_t>();
      return {v4};
    }
    case 1: {
      IPv6AddrPort v6;
      for (auto& octet : v6.addr)
        octet = number<std::uint8_t>();
      v6.port = number<std::uint16_t>();
      return {v6};
    }
    default:
      return {UnknownAddrPort{AddressType{between(3, 255)}, bytes()}};
  }
}

Destination destination(bool resource_allowed) {
  switch (below(resource_allowed ? 5 : 4)) {
    case 0:
      return any_node();
    case 1:
      return OpaqueId::from_u16(number<std::uint16_t>());
    case 2:
      return OpaqueId{bytes(254), false};
    case 3:
      return UnknownDestination{DestinationType{between(4, 128)}, bytes()};
    default:
      return any_resource();
  }
}

DestinationList route(bool may_end_in_resource) {
  DestinationList list = several([] { return destination(false); });
  if (may_end_in_resource) list.push_back(destination(true));
  return list;
}

IceCandidate candidate() {
  IceCandidate value;
  value.addr_port = address();
  value.overlay_link = enumeration<OverlayLinkType>(256);
  value.foundation = bytes();
  value.priority = number<std::uint32_t>();
  value.type = CandType{between(1, 5)};
  if (value.type != CandType::host) value.rel_addr_port = address();
  value.extensions = several([] { return IceExtension{bytes(), bytes()}; });
  return value;
}

template <typename AppAttach>
AppAttach app_attach() {
  return {bytes(), bytes(), enumeration<ApplicationId>(65536), bytes(), several(candidate)};
}

ProbeInformation probe_information() {
  if (number<bool>()) {
    return {ProbeInformationType{between(1, 4)}, number<std::uint32_t>()};
  }
  return {ProbeInformationType{between(4, 255)}, bytes()};
}

ChordUpdate chord_update() {
  ChordUpdate update;
  update.uptime = number<std::uint32_t>();
  update.type = ChordUpdateType{between(1, 4)};
  if (update.type != ChordUpdateType::peer_ready) {
    update.predecessors = nodes();
    update.successors = nodes();
  }
  if (update.type == ChordUpdateType::full) update.fingers = nodes();
  return update;
}

ConfigUpdateReq config_update() {
  switch (below(3)) {
    case 0:
      return {ConfigUpdateConfig{bytes(500)}};
    case 1:
      return {ConfigUpdateKind{several([] { return bytes(); })}};
    default:
      return {ConfigUpdateUnknown{ConfigUpdateType{between(3, 255)}, bytes()}};
  }
}

SipRegistration sip_registration() {
  switch (below(3)) {
    case 0:
      return {SipRegistrationUri{bytes()}};
    case 1: {
      SipRegistrationRoute registration{bytes(), route(true)};
      // At least three octets: a node is more.
      registration.destination_list.insert(registration.destination_list.begin(), any_node());
      return {registration};
    }
    default:
      return {SipRegistrationUnknown{SipRegistrationType{between(3, 255)}, bytes()}};
  }
}

}  // namespace

template <>
ProbeReq make() {
  return {several([] { return enumeration<ProbeInformationType>(256); })};
}
template <>
ProbeAns make() {
  return {several(probe_information)};
}
template <>
AttachReqAns make() {
  AttachReqAns attach{bytes(), bytes(), bytes(), several(candidate), number<bool>()};
  // All with ICE or all without.
  const bool with_ice = number<bool>();
  for (auto& one : attach.candidates) {
    if (uses_ice(one.overlay_link).value_or(with_ice) == with_ice) continue;
    one.overlay_link = with_ice ? OverlayLinkType::dtls_udp_sr : OverlayLinkType::tls_tcp_fh_no_ice;
  }
  return attach;
}
template <>
AppAttachReq make() {
  return app_attach<AppAttachReq>();
}
template <>
AppAttachAns make() {
  return app_attach<AppAttachAns>();
}
template <>
JoinReq make() {
  return {any_node(), bytes()};
}
template <>
JoinAns make() {
  return {bytes()};
}
template <>
LeaveReq make() {
  return {any_node(), bytes()};
}
template <>
LeaveAns make() {
  return {};
}
template <>
ChordUpdate make() {
  return chord_update();
}
template <>
UpdateAns make() {
  return {};
}
template <>
RouteQueryReq make() {
  return {number<bool>(), destination(true), bytes()};
}
template <>
ChordRouteQueryAns make() {
  return {any_node()};
}
template <>
PingReq make() {
  return {bytes(1000)};
}
template <>
PingAns make() {
  return {number<std::uint64_t>(), number<std::uint64_t>()};
}
template <>
ConfigUpdateReq make() {
  return config_update();
}
template <>
ConfigUpdateAns make() {
  return {};
}
template <>
ErrorResponse make() {
  return {enumeration<ErrorResponseCode>(65536), bytes()};
}
template <>
UnknownKinds make() {
  return {kinds()};
}
template <>
ChordLeaveData make() {
  return {ChordLeaveType{between(1, 3)}, nodes()};
}
template <>
SipRegistration make() {
  return sip_registration();
}
template <>
TurnServer make() {
  return {number<std::uint8_t>(), address()};
}
template <>
Message make() {
  Message message;
  auto& header = message.header;
  header.overlay = OverlayHash{number<std::uint32_t>()};
  header.configuration_sequence = number<std::uint16_t>();
  header.ttl = number<std::uint8_t>();
  header.fragment.reserved = between(0, 64);
  header.transaction_id = TransactionId{number<std::uint64_t>()};
  header.max_response_length = number<std::uint32_t>();
  header.via_list = route(false);
  header.destination_list = route(true);
  header.options = several([] {
    return ForwardingOption{enumeration<ForwardingOptionType>(256), number<std::uint8_t>(),
                            bytes()};
  });
  message.contents = {enumeration<MessageCode>(65536), bytes(1000), several([] {
                        return MessageExtension{enumeration<MessageExtensionType>(65536),
                                                number<bool>(), bytes()};
                      })};
  message.security_block = {
      several([] { return GenericCertificate{enumeration<CertificateType>(256), bytes(300)}; }),
      signature()};
  header.length = static_cast<std::uint32_t>(encode(message).size());
  return message;
}

bool holds(const std::function<void()>& property) {
  return rc::check(property);
}

}  // namespace carillon::wire::testing
