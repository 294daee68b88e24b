#include "app/decode/message_json.hpp"

namespace carillon::app {
namespace {

std::string_view destination_type_name(wire::DestinationType type) {
  switch (type) {
    case wire::DestinationType::node:
      return "node";
    case wire::DestinationType::resource:
      return "resource";
    case wire::DestinationType::opaque_id_type:
      return "opaque_id_type";
    default:
      return {};
  }
}

Json to_json(const wire::ForwardingOption& option) {
  using wire::ForwardingOptionType;
  const bool experimental = option.type == ForwardingOptionType::exp_forward;
  const bool routing = option.type == ForwardingOptionType::extensive_routing_mode;
  return {{"type", name_or_number(experimental ? "exp-forward"
                                  : routing    ? "extensive_routing_mode"
                                               : "",
                                  static_cast<std::uint64_t>(option.type))},
          {"flags", option.flags},
          {"length", option.option.size()},
          {"option", hex(option.option)}};
}

Json to_json(const wire::MessageExtension& extension) {
  return {{"type", static_cast<std::uint64_t>(extension.type)},
          {"critical", extension.critical},
          {"extension_contents", hex(extension.extension_contents)}};
}

Json to_json(const wire::GenericCertificate& certificate) {
  return {{"type", name_or_number(certificate.type == wire::CertificateType::x509 ? "X.509" : "",
                                  static_cast<std::uint64_t>(certificate.type))},
          {"certificate", hex(certificate.certificate)}};
}

Json hash_name(wire::HashAlgorithm algorithm) {
  return name_or_number(to_string(algorithm), static_cast<std::uint64_t>(algorithm));
}

Json to_json(const wire::SignerIdentity& identity) {
  constexpr std::size_t before_length = 3;
  Json json = {
      {"identity_type", name_or_number(to_string(identity.identity_type()),
                                       static_cast<std::uint64_t>(identity.identity_type()))},
      {"length", wire::encode(identity).size() - before_length}};
  if (const auto* cert = std::get_if<wire::CertHash>(&identity.identity)) {
    json["hash_alg"] = hash_name(cert->hash_alg);
    json["certificate_hash"] = hex(cert->certificate_hash);
  } else if (const auto* node = std::get_if<wire::CertHashNodeId>(&identity.identity)) {
    json["hash_alg"] = hash_name(node->hash_alg);
    json["certificate_node_id_hash"] = hex(node->certificate_node_id_hash);
  } else if (const auto* unknown = std::get_if<wire::UnknownSigner>(&identity.identity)) {
    json["identity"] = hex(unknown->octets);
  }
  return json;
}

/// A list of what the functions above render.
template <typename T>
Json list_of(const std::vector<T>& elements) {
  return json_list(elements, [](const T& element) { return to_json(element); });
}

}  // namespace

Json to_json(const wire::IpAddressPort& address) {
  constexpr std::size_t before_length = 2;
  const std::size_t length = wire::encode(address).size() - before_length;
  if (const auto* unknown = std::get_if<wire::UnknownAddrPort>(&address.addr_port)) {
    return {{"type", static_cast<std::uint64_t>(unknown->type)},
            {"length", length},
            {"addr_port", hex(unknown->octets)}};
  }
  // "192.0.2.1:6084" and "[2001:db8::1]:6084", taken apart.
  const std::string both = address.to_text();
  const std::size_t colon = both.rfind(':');
  std::string addr = both.substr(0, colon);
  if (addr.starts_with('[')) addr = addr.substr(1, addr.size() - 2);
  const bool v4 = address.type() == wire::AddressType::ipv4_address;
  return {{"type", v4 ? "ipv4_address" : "ipv6_address"},
          {"length", length},
          {v4 ? "v4addr_port" : "v6addr_port",
           {{"addr", addr}, {"port", std::stoul(both.substr(colon + 1))}}}};
}

Json to_json(const wire::Destination& destination) {
  if (const auto* opaque = destination.opaque_id(); opaque != nullptr && opaque->compact) {
    return {{"opaque_id", hex(opaque->opaque_id)}};
  }
  constexpr std::size_t before_length = 2;
  Json json = {{"type", name_or_number(destination_type_name(destination.type()),
                                       static_cast<std::uint64_t>(destination.type()))},
               {"length", wire::encode(destination).size() - before_length}};
  if (const auto* node = destination.node_id()) {
    json["node_id"] = node->to_hex();
  } else if (const auto* resource = destination.resource_id()) {
    json["resource_id"] = resource->to_hex();
  } else if (const auto* opaque = destination.opaque_id()) {
    json["opaque_id"] = hex(opaque->opaque_id);
  } else {
    json["destination_data"] =
        hex(std::get<wire::UnknownDestination>(destination.destination_data).octets);
  }
  return json;
}

Json to_json(const wire::DestinationList& destinations) {
  return json_list(destinations, [](const auto& one) { return to_json(one); });
}

Json to_json(const wire::ForwardingHeader& header) {
  const Bytes fragment = wire::encode(header.fragment);
  Reader reader{fragment};
  const auto size = [](const auto& elements) {
    Writer writer;
    for (const auto& element : elements)
      element.encode(writer);
    return writer.size();
  };
  return {{"relo_token", identifier(wire::ForwardingHeader::relo_token, 8)},
          {"overlay", identifier(static_cast<std::uint64_t>(header.overlay), 8)},
          {"configuration_sequence", header.configuration_sequence},
          {"version", header.version},
          {"ttl", header.ttl},
          {"fragment", identifier(reader.u32("fragment"), 8)},
          {"length", header.length},
          {"transaction_id", identifier(static_cast<std::uint64_t>(header.transaction_id), 16)},
          {"max_response_length", header.max_response_length},
          {"via_list_length", size(header.via_list)},
          {"destination_list_length", size(header.destination_list)},
          {"options_length", size(header.options)},
          {"via_list", to_json(header.via_list)},
          {"destination_list", to_json(header.destination_list)},
          {"options", list_of(header.options)}};
}

Json to_json(const wire::Signature& signature) {
  const auto& algorithm = signature.algorithm;
  return {{"algorithm",
           {{"hash", hash_name(algorithm.hash)},
            {"signature", name_or_number(to_string(algorithm.signature),
                                         static_cast<std::uint64_t>(algorithm.signature))}}},
          {"identity", to_json(signature.identity)},
          {"signature_value", hex(signature.signature_value)}};
}

Json to_json(const wire::SecurityBlock& block) {
  return {{"certificates", list_of(block.certificates)}, {"signature", to_json(block.signature)}};
}

Json to_json(const wire::MessageContents& contents, Json body) {
  return {{"message_code", name_or_number(to_string(contents.message_code),
                                          static_cast<std::uint64_t>(contents.message_code))},
          {"message_body", std::move(body)},
          {"extensions", list_of(contents.extensions)}};
}

Json to_json(const wire::FramedMessage& framed) {
  if (const auto* data = std::get_if<wire::DataFrame>(&framed.frame)) {
    return {{"type", "data"}, {"sequence", data->sequence}};
  }
  const auto& ack = std::get<wire::AckFrame>(framed.frame);
  return {{"type", "ack"},
          {"ack_sequence", ack.ack_sequence},
          {"received", identifier(ack.received, 8)}};
}

}  // namespace carillon::app
