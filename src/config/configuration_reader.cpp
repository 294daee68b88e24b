#include "config/configuration_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/base64.hpp"
#include "config/configuration_document.hpp"
#include "config/date_time.hpp"

namespace carillon::config {
namespace {

using security::Certificate;
using security::SelfSignedDigest;

// Bounds on what can be there many times; generous beside any real overlay.
constexpr std::size_t max_root_certs = 16;
constexpr std::size_t max_bootstrap_nodes = 1'024;
constexpr std::size_t max_signers = 256;
constexpr std::size_t max_bad_nodes = 16'384;
constexpr std::size_t max_texts = 64;
constexpr std::size_t max_text_size = 1'024;

constexpr std::int64_t max_message_octets = (1 << 24) - 1;  // What fragments can address (6.7).
constexpr std::int64_t min_reliability_timer_ms = 200;      // 11.1.

using Status = Result<void>;

Status too_many(const XmlElement& element) {
  return element.fail(ErrorCode::too_large, "too many of these");
}

Status add_text(std::vector<std::string>& list, const XmlElement& element) {
  std::string text = element.text();
  if (text.empty() || text.size() > max_text_size) {
    return element.fail(ErrorCode::malformed, "empty or over-long");
  }
  if (list.size() >= max_texts) return too_many(element);
  list.push_back(std::move(text));
  return {};
}

Status add_node_id(std::set<NodeId>& set, const XmlElement& element, std::size_t limit) {
  const auto id = NodeId::from_hex(element.text());
  if (!id) return element.fail(ErrorCode::malformed, "not a Node-ID of 32 hexadecimal digits");
  if (set.size() >= limit) return too_many(element);
  set.insert(*id);
  return {};
}

Status add_root(OverlayConfiguration& configuration, const XmlElement& element) {
  const auto der = from_base64(element.text());
  if (!der) return element.fail(ErrorCode::malformed, der.error().detail);
  auto root = Certificate::parse(*der);
  if (!root) return element.fail(ErrorCode::malformed, root.error().message());
  if (!(*root)->is_ca()) return element.fail(ErrorCode::malformed, "not a CA's certificate");
  if (configuration.root_certs.size() >= max_root_certs) return too_many(element);
  configuration.root_certs.push_back(*std::move(root));
  return {};
}

Status add_bootstrap_node(OverlayConfiguration& configuration, const XmlElement& element) {
  BootstrapNode node;
  node.address = element.attribute("address").value_or("");
  if (node.address.empty() || node.address.size() > max_text_size) {
    return element.fail(ErrorCode::malformed, "no address");
  }
  if (const auto port = element.attribute("port")) {
    const auto* const end = port->data() + port->size();
    if (std::from_chars(port->data(), end, node.port) != std::from_chars_result{end, {}} ||
        node.port == 0) {
      return element.fail(ErrorCode::malformed, "no port number");
    }
  }
  if (configuration.bootstrap_nodes.size() >= max_bootstrap_nodes) return too_many(element);
  configuration.bootstrap_nodes.push_back(std::move(node));
  return {};
}

Status read_self_signed(OverlayConfiguration& configuration, const XmlElement& element) {
  const auto permitted = read_boolean(element, element.text());
  if (!permitted) return std::unexpected(permitted.error());
  if (!*permitted) return {};
  const std::string digest = element.attribute("digest").value_or("");
  if (digest != "sha1" && digest != "sha256") {
    return element.fail(ErrorCode::incompatible_with_overlay, "unknown digest " + digest);
  }
  configuration.self_signed_permitted =
      digest == "sha1" ? SelfSignedDigest::sha1 : SelfSignedDigest::sha256;
  return {};
}

Status read_kinds(OverlayConfiguration& configuration, const XmlElement& element) {
  for (const auto& block : element.children()) {
    for (const auto& child : block.children()) {
      if (!child.is("kind")) continue;
      auto kind = read_kind(child);
      if (!kind) return std::unexpected(kind.error());
      if (configuration.kind(kind->id) != nullptr) {
        return child.fail(ErrorCode::malformed, "defines a Kind a second time");
      }
      if (configuration.kinds.size() >= ConfigurationDocument::max_kinds) return too_many(child);
      configuration.kinds.push_back(*std::move(kind));
    }
  }
  return {};
}

Status read_topology_plugin(OverlayConfiguration& configuration, const XmlElement& element) {
  configuration.topology_plugin = element.text();
  if (configuration.topology_plugin == "CHORD-RELOAD") return {};
  return element.fail(ErrorCode::incompatible_with_overlay, "we only speak CHORD-RELOAD");
}

Status read_node_id_length(OverlayConfiguration&, const XmlElement& element) {
  const auto length = read_number(element, 16, 20);
  if (!length) return std::unexpected(length.error());
  if (*length == NodeId::size) return {};
  return element.fail(ErrorCode::incompatible_with_overlay,
                      "CHORD-RELOAD's identifiers have 16 octets");
}

Status read_mandatory_extension(OverlayConfiguration& configuration, const XmlElement& element) {
  const std::string uri = element.text();
  if (uri != base_namespace && uri != chord_namespace && uri != sip_namespace) {
    return element.fail(ErrorCode::incompatible_with_overlay, "we don't support " + uri);
  }
  return add_text(configuration.mandatory_extensions, element);
}

template <typename T>
Status read_into(T& field, const XmlElement& element, std::int64_t min, std::int64_t max) {
  const auto value = read_number(element, min, max);
  if (!value) return std::unexpected(value.error());
  field = T(*value);
  return {};
}

Status read_into(bool& field, const XmlElement& element) {
  const auto value = read_boolean(element, element.text());
  if (!value) return std::unexpected(value.error());
  field = *value;
  return {};
}

struct Rule {
  std::string_view name;
  std::string_view uri;
  Status (*read)(OverlayConfiguration&, const XmlElement&);
};

using Configuration = OverlayConfiguration;

// One line an element of 11.1; what stands on several lines has a function above.
constexpr std::array rules{
    Rule{"topology-plugin", base_namespace, read_topology_plugin},
    Rule{"node-id-length", base_namespace, read_node_id_length},
    Rule{"root-cert", base_namespace, add_root},
    Rule{"bootstrap-node", base_namespace, add_bootstrap_node},
    Rule{"self-signed-permitted", base_namespace, read_self_signed},
    Rule{"required-kinds", base_namespace, read_kinds},
    Rule{"mandatory-extension", base_namespace, read_mandatory_extension},
    Rule{"enrollment-server", base_namespace,
         [](Configuration& c, const XmlElement& e) { return add_text(c.enrollment_servers, e); }},
    Rule{"overlay-link-protocol", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return add_text(c.overlay_link_protocols, e);
         }},
    Rule{"configuration-signer", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return add_node_id(c.configuration_signers, e, max_signers);
         }},
    Rule{"kind-signer", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return add_node_id(c.kind_signers, e, max_signers);
         }},
    Rule{"bad-node", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return add_node_id(c.bad_nodes, e, max_bad_nodes);
         }},
    Rule{
        "turn-density", base_namespace,
        [](Configuration& c, const XmlElement& e) { return read_into(c.turn_density, e, 0, 255); }},
    Rule{"clients-permitted", base_namespace,
         [](Configuration& c, const XmlElement& e) { return read_into(c.clients_permitted, e); }},
    Rule{"no-ice", base_namespace,
         [](Configuration& c, const XmlElement& e) { return read_into(c.no_ice, e); }},
    Rule{"shared-secret", base_namespace,
         [](Configuration& c, const XmlElement& e) -> Status {
           c.shared_secret = e.text();
           return {};
         }},
    Rule{"max-message-size", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return read_into(c.max_message_size, e, 1, max_message_octets);
         }},
    Rule{"initial-ttl", base_namespace,
         [](Configuration& c, const XmlElement& e) { return read_into(c.initial_ttl, e, 1, 255); }},
    Rule{"overlay-reliability-timer", base_namespace,
         [](Configuration& c, const XmlElement& e) {
           return read_into(c.overlay_reliability_timer, e, min_reliability_timer_ms, max_int);
         }},
    Rule{"chord-ping-interval", chord_namespace,
         [](Configuration& c, const XmlElement& e) {
           return read_into(c.chord.ping_interval, e, 1, max_int);
         }},
    Rule{"chord-update-interval", chord_namespace,
         [](Configuration& c, const XmlElement& e) {
           return read_into(c.chord.update_interval, e, 1, max_int);
         }},
    Rule{"chord-reactive", chord_namespace,
         [](Configuration& c, const XmlElement& e) { return read_into(c.chord.reactive, e); }},
};

Status read_attributes(OverlayConfiguration& configuration, const XmlElement& element) {
  configuration.instance_name = element.attribute("instance-name").value_or("");
  if (configuration.instance_name.empty() || configuration.instance_name.size() > 255) {
    return element.fail(ErrorCode::malformed, "instance-name is empty or over-long");
  }
  if (const auto text = element.attribute("sequence")) {
    std::uint16_t number = 0;
    const auto* const end = text->data() + text->size();
    if (std::from_chars(text->data(), end, number) != std::from_chars_result{end, {}} ||
        number >= config_sequence_modulus) {
      return element.fail(ErrorCode::malformed, "sequence must be 0 to 65534");
    }
    configuration.sequence = ConfigSequence{number};
  }
  if (const auto text = element.attribute("expiration")) {
    configuration.expiration = parse_date_time(*text);
    if (!configuration.expiration) {
      return element.fail(ErrorCode::malformed, "expiration must be a date and time in UTC");
    }
  }
  return {};
}

/// 7904's text puts domain restrictions into the configuration, its grammar into the Kind.
Status spread_domain_restrictions(OverlayConfiguration& configuration, const XmlElement& element) {
  auto restrictions = read_domain_restrictions(element);
  if (!restrictions) return std::unexpected(restrictions.error());
  for (auto& kind : configuration.kinds) {
    if (kind.id == KindId::sip_registration && !kind.domain_restrictions) {
      kind.domain_restrictions = *restrictions;
    }
  }
  return {};
}

Status check_whole(OverlayConfiguration& configuration, const XmlElement& element) {
  if (configuration.root_certs.empty() && !configuration.self_signed_permitted) {
    return element.fail(ErrorCode::malformed, "neither a root-cert nor self-signed-permitted");
  }
  auto& protocols = configuration.overlay_link_protocols;
  if (protocols.empty()) protocols = {"TLS"};
  const auto is_ours = [](const std::string& name) {
    return name == "TLS" || name == "TLS-TCP-FH-NO-ICE";
  };
  if (std::ranges::none_of(protocols, is_ours)) {
    return element.fail(ErrorCode::incompatible_with_overlay,
                        "no overlay-link-protocol that we have");
  }
  return {};
}

}  // namespace

Result<std::int64_t> read_number(const XmlElement& element, std::int64_t min, std::int64_t max) {
  std::string text = element.text();
  if (text.starts_with('+')) text.erase(0, 1);  // XML Schema's integers may have one.
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value) != std::from_chars_result{end, {}} || value < min ||
      value > max) {
    return element.fail(ErrorCode::malformed, "must be " + std::to_string(min) + " to " +
                                                  std::to_string(max) + ", is \"" + text + "\"");
  }
  return value;
}

Result<bool> read_boolean(const XmlElement& element, std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return element.fail(ErrorCode::malformed, "must be true or false");
}

Result<OverlayConfiguration> read_configuration(const XmlElement& element) {
  OverlayConfiguration configuration;
  configuration.overlay_link_protocols.clear();
  if (auto read = read_attributes(configuration, element); !read) {
    return std::unexpected(read.error());
  }
  std::optional<XmlElement> restrictions;
  for (const auto& child : element.children()) {
    if (is_domain_restrictions(child)) restrictions = child;
    const auto rule = std::ranges::find_if(
        rules, [&](const Rule& each) { return child.is(each.name, each.uri); });
    if (rule == rules.end()) continue;  // Somebody's extension, and not a mandatory one.
    if (auto read = rule->read(configuration, child); !read) return std::unexpected(read.error());
  }
  if (restrictions) {
    auto read = spread_domain_restrictions(configuration, *restrictions);
    if (!read) return std::unexpected(read.error());
  }
  if (auto good = check_whole(configuration, element); !good) {
    return std::unexpected(good.error());
  }
  return configuration;
}

}  // namespace carillon::config
