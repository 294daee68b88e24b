#include "storage/kind_table.hpp"

namespace carillon::storage {

namespace {

/// RFC 7904, 3.3: without the element any AOR will do.
std::function<bool(std::string_view)> domain_check(const config::KindDefinition& kind,
                                                   const std::string& overlay_name) {
  if (!kind.domain_restrictions) return {};
  return [restrictions = *kind.domain_restrictions, overlay_name](std::string_view user) {
    const auto at = user.rfind('@');
    return at != std::string_view::npos && restrictions.allow(user.substr(at + 1), overlay_name);
  };
}

}  // namespace

KindTable::KindTable(const config::OverlayConfiguration& configuration) {
  for (const auto& kind : configuration.kinds) {
    add(kind.id, KindRules{.data_model = kind.data_model,
                           .access_control = std::string{config::to_string(kind.access_control)},
                           .max_count = kind.max_count,
                           .max_size = kind.max_size,
                           .max_node_multiple = kind.max_node_multiple,
                           .accepts_user = domain_check(kind, configuration.instance_name)});
  }
}

}  // namespace carillon::storage
