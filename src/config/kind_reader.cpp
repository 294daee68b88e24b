#include <charconv>
#include <limits>

#include "config/configuration_reader.hpp"

namespace carillon::config {
namespace {

std::string hex_name(KindId id) {
  char digits[8];
  const auto end =
      std::to_chars(std::begin(digits), std::end(digits), static_cast<std::uint32_t>(id), 16).ptr;
  return "0x" + std::string(std::begin(digits), end);
}

/// Which Kind it is; with what IANA's registry says of it, if it is there.
Result<KindDefinition> read_identity(const XmlElement& element) {
  if (const auto name = element.attribute("name")) {
    if (const auto* registered = registered_kind(*name)) return *registered;
    return element.fail(ErrorCode::incompatible_with_overlay,
                        "requires the Kind " + *name + ", which we don't know");
  }
  const std::string text = element.attribute("id").value_or("");
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0 ||
      number == std::numeric_limits<std::uint32_t>::max()) {
    return element.fail(ErrorCode::malformed, "\"" + text + "\" is no Kind-ID");
  }
  const auto id = static_cast<KindId>(number);
  if (const auto* registered = registered_kind(id)) return *registered;
  KindDefinition kind;
  kind.id = id;
  kind.name = hex_name(id);
  return kind;
}

Result<void> read_number_into(std::uint32_t& field, const XmlElement& element, std::int64_t min) {
  const auto value = read_number(element, min, max_int);
  if (!value) return std::unexpected(value.error());
  field = static_cast<std::uint32_t>(*value);
  return {};
}

Result<void> read_child(KindDefinition& kind, const XmlElement& child) {
  if (child.is("max-count")) return read_number_into(kind.max_count, child, 1);
  if (child.is("max-size")) return read_number_into(kind.max_size, child, 0);
  if (child.is("max-node-multiple")) return read_number_into(kind.max_node_multiple, child, 1);
  if (is_domain_restrictions(child)) {
    auto restrictions = read_domain_restrictions(child);
    if (!restrictions) return std::unexpected(restrictions.error());
    kind.domain_restrictions = *std::move(restrictions);
  }
  // "Clients MUST ignore them in favor of the IANA versions" (11.1).
  if (registered_kind(kind.id) != nullptr) return {};
  if (child.is("data-model")) {
    const auto model = wire::data_model_from_string(child.text());
    if (!model) return child.fail(ErrorCode::incompatible_with_overlay, "an unknown data model");
    kind.data_model = *model;
  } else if (child.is("access-control")) {
    const auto control = access_control_from_string(child.text());
    if (!control) {
      return child.fail(ErrorCode::incompatible_with_overlay, "an unknown access control");
    }
    kind.access_control = *control;
  }
  return {};
}

}  // namespace

Result<KindDefinition> read_kind(const XmlElement& element) {
  auto kind = read_identity(element);
  if (!kind) return kind;
  for (const auto& child : element.children()) {
    if (auto read = read_child(*kind, child); !read) return std::unexpected(read.error());
  }
  if (kind->access_control == AccessControl::node_multiple && kind->max_node_multiple == 0) {
    return element.fail(ErrorCode::malformed, "NODE-MULTIPLE needs max-node-multiple");
  }
  return kind;
}

}  // namespace carillon::config
