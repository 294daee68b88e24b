#include "config/kind_definition.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace carillon::config {
namespace {

using wire::DataModel;

constexpr std::array access_control_names{
    std::pair{AccessControl::user_match, std::string_view("USER-MATCH")},
    std::pair{AccessControl::node_match, std::string_view("NODE-MATCH")},
    std::pair{AccessControl::user_node_match, std::string_view("USER-NODE-MATCH")},
    std::pair{AccessControl::node_multiple, std::string_view("NODE-MULTIPLE")},
};

const std::array<KindDefinition, 4>& registry() {
  static const std::array<KindDefinition, 4> kinds{
      KindDefinition{.id = KindId::sip_registration,
                     .name = "SIP-REGISTRATION",
                     .data_model = DataModel::dictionary,
                     .access_control = AccessControl::user_node_match},
      KindDefinition{.id = KindId::turn_service,
                     .name = "TURN-SERVICE",
                     .data_model = DataModel::single_value,
                     .access_control = AccessControl::node_multiple},
      KindDefinition{.id = KindId::certificate_by_node,
                     .name = "CERTIFICATE_BY_NODE",
                     .data_model = DataModel::array,
                     .access_control = AccessControl::node_match},
      KindDefinition{.id = KindId::certificate_by_user,
                     .name = "CERTIFICATE_BY_USER",
                     .data_model = DataModel::array,
                     .access_control = AccessControl::user_match},
  };
  return kinds;
}

}  // namespace

std::string_view to_string(AccessControl control) {
  for (const auto& [value, name] : access_control_names) {
    if (value == control) return name;
  }
  return {};
}

std::optional<AccessControl> access_control_from_string(std::string_view name) {
  for (const auto& [value, text] : access_control_names) {
    if (text == name) return value;
  }
  return std::nullopt;
}

const KindDefinition* registered_kind(std::string_view name) {
  const auto found = std::ranges::find(registry(), name, &KindDefinition::name);
  return found != registry().end() ? &*found : nullptr;
}

const KindDefinition* registered_kind(KindId id) {
  const auto found = std::ranges::find(registry(), id, &KindDefinition::id);
  return found != registry().end() ? &*found : nullptr;
}

}  // namespace carillon::config
