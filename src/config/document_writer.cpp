#include "config/document_writer.hpp"

#include <string_view>

#include "base/base64.hpp"
#include "base/xml_text.hpp"
#include "config/configuration_document.hpp"
#include "config/date_time.hpp"
#include "config/xml.hpp"
#include "security/signing.hpp"
#include "wire/codec.hpp"

namespace carillon::config {
namespace {

/// Base64 in lines of 64, as PEM has it.
std::string base64_lines(ByteView octets) {
  constexpr std::size_t line_length = 64;
  const std::string text = to_base64(octets);
  std::string out = "\n";
  for (std::size_t at = 0; at < text.size(); at += line_length) {
    out += text.substr(at, line_length) + "\n";
  }
  return out;
}

/// Writes elements, one a line, indented.
class ElementWriter {
 public:
  ElementWriter(std::string& out, std::size_t indent) : out_(out), indent_(indent, ' ') {}

  void text(std::string_view name, std::string_view value) { raw(name, xml_escaped(value)); }
  void number(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  /// `content` is XML already.
  void raw(std::string_view name, std::string_view content, std::string_view attributes = {}) {
    open(name, attributes);
    out_.pop_back();
    out_ += content;
    out_ += "</" + std::string(name) + ">\n";
  }
  void open(std::string_view name, std::string_view attributes = {}) {
    out_ += indent_ + "<" + std::string(name) + std::string(attributes) + ">\n";
  }
  void close(std::string_view name) { out_ += indent_ + "</" + std::string(name) + ">\n"; }

 private:
  std::string& out_;
  std::string indent_;
};

void write_domain_restrictions(ElementWriter& writer, const DomainRestrictions& restrictions) {
  std::string patterns;
  for (const auto& pattern : restrictions.patterns) {
    patterns += "<sip:pattern>" + xml_escaped(pattern) + "</sip:pattern>";
  }
  // The name of 7904's grammar, since a Kind is where that puts it.
  writer.raw("sip:domain-restriction", patterns,
             restrictions.enable ? " enable=\"true\"" : " enable=\"false\"");
}

/// The kind element, from `<` to `>`: what is signed.
std::string kind_element(const KindDefinition& kind) {
  const auto number = static_cast<std::uint32_t>(kind.id);
  const std::string identity = registered_kind(kind.id) != nullptr
                                   ? "name=\"" + xml_escaped(kind.name) + "\""
                                   : "id=\"" + std::to_string(number) + "\"";
  std::string out = "<kind " + identity + ">\n";
  ElementWriter writer(out, 10);
  writer.text("data-model", wire::to_string(kind.data_model));
  writer.text("access-control", to_string(kind.access_control));
  if (kind.max_node_multiple != 0) writer.number("max-node-multiple", kind.max_node_multiple);
  writer.number("max-count", kind.max_count);
  writer.number("max-size", kind.max_size);
  if (kind.domain_restrictions) write_domain_restrictions(writer, *kind.domain_restrictions);
  return out + "        </kind>";
}

Result<void> write_kinds(std::string& out, const OverlayConfiguration& configuration,
                         const security::Credential& signer) {
  ElementWriter writer(out, 4);
  writer.open("required-kinds");
  for (const auto& kind : configuration.kinds) {
    const std::string element = kind_element(kind);
    const auto block = security::sign_document(signer, as_bytes(element));
    if (!block) return std::unexpected(block.error());
    ElementWriter inner(out, 6);
    inner.open("kind-block");
    out += "        " + element + "\n";
    ElementWriter(out, 8).raw("kind-signature", base64_lines(wire::encode(*block)));
    inner.close("kind-block");
  }
  writer.close("required-kinds");
  return {};
}

void write_trust(ElementWriter& writer, const OverlayConfiguration& configuration) {
  for (const auto& root : configuration.root_certs) {
    writer.raw("root-cert", base64_lines(root->der()));
  }
  for (const auto& server : configuration.enrollment_servers) {
    writer.text("enrollment-server", server);
  }
  if (configuration.self_signed_permitted) {
    const bool is_sha1 = configuration.self_signed_permitted == security::SelfSignedDigest::sha1;
    writer.raw("self-signed-permitted", "true",
               is_sha1 ? " digest=\"sha1\"" : " digest=\"sha256\"");
  }
  for (const auto& id : configuration.configuration_signers) {
    writer.text("configuration-signer", id.to_hex());
  }
  for (const auto& id : configuration.kind_signers)
    writer.text("kind-signer", id.to_hex());
  for (const auto& id : configuration.bad_nodes)
    writer.text("bad-node", id.to_hex());
  for (const auto& uri : configuration.mandatory_extensions) {
    writer.text("mandatory-extension", uri);
  }
}

void write_parameters(ElementWriter& writer, const OverlayConfiguration& configuration) {
  writer.text("topology-plugin", configuration.topology_plugin);
  writer.number("node-id-length", configuration.node_id_length);
  for (const auto& node : configuration.bootstrap_nodes) {
    writer.raw("bootstrap-node", "",
               " address=\"" + xml_escaped(node.address) + "\" port=\"" +
                   std::to_string(node.port) + "\"");
  }
  writer.number("turn-density", configuration.turn_density);
  writer.boolean("clients-permitted", configuration.clients_permitted);
  writer.boolean("no-ice", configuration.no_ice);
  writer.number("chord:chord-update-interval", configuration.chord.update_interval.count());
  writer.number("chord:chord-ping-interval", configuration.chord.ping_interval.count());
  writer.boolean("chord:chord-reactive", configuration.chord.reactive);
  if (configuration.shared_secret) writer.text("shared-secret", *configuration.shared_secret);
  writer.number("max-message-size", configuration.max_message_size);
  writer.number("initial-ttl", configuration.initial_ttl);
  writer.number("overlay-reliability-timer", configuration.overlay_reliability_timer.count());
  for (const auto& protocol : configuration.overlay_link_protocols) {
    writer.text("overlay-link-protocol", protocol);
  }
}

/// The configuration element, from `<` to `>`: what is signed.
Result<std::string> configuration_element(const OverlayConfiguration& configuration,
                                          const security::Credential& kind_signer) {
  std::string out = "<configuration instance-name=\"" + xml_escaped(configuration.instance_name) +
                    "\" sequence=\"" +
                    std::to_string(static_cast<std::uint16_t>(configuration.sequence)) + "\"";
  if (configuration.expiration) {
    out += " expiration=\"" + format_date_time(*configuration.expiration) + "\"";
  }
  out += ">\n";
  ElementWriter writer(out, 4);
  write_parameters(writer, configuration);
  write_trust(writer, configuration);
  if (auto written = write_kinds(out, configuration, kind_signer); !written) {
    return std::unexpected(written.error());
  }
  return out + "  </configuration>";
}

}  // namespace

Result<std::string> write_document(const OverlayConfiguration& configuration,
                                   const security::Credential& configuration_signer,
                                   const security::Credential& kind_signer) {
  if (!configuration.configuration_signers.contains(configuration_signer.node_id) ||
      !configuration.kind_signers.contains(kind_signer.node_id)) {
    return fail(ErrorCode::invalid_argument, "write_document",
                "the signers must stand in the configuration");
  }
  const auto element = configuration_element(configuration, kind_signer);
  if (!element) return std::unexpected(element.error());
  const auto block = security::sign_document(configuration_signer, as_bytes(*element));
  if (!block) return std::unexpected(block.error());
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<overlay xmlns=\"" +
                     std::string(base_namespace) + "\"\n         xmlns:chord=\"" +
                     std::string(chord_namespace) + "\"\n         xmlns:sip=\"" +
                     std::string(sip_namespace) + "\">\n  " + *element + "\n";
  ElementWriter(text, 2).raw("signature", base64_lines(wire::encode(*block)));
  text += "</overlay>\n";
  const auto document = ConfigurationDocument::parse(text, configuration.instance_name);
  if (!document) return std::unexpected(document.error());
  return text;
}

}  // namespace carillon::config
