#include "config/overlay_configuration.hpp"

#include <algorithm>

namespace carillon::config {

const KindDefinition* OverlayConfiguration::kind(KindId id) const {
  const auto found = std::ranges::find(kinds, id, &KindDefinition::id);
  return found != kinds.end() ? &*found : nullptr;
}

std::optional<wire::DataModel> OverlayConfiguration::data_model(KindId id) const {
  const KindDefinition* found = kind(id);
  return found != nullptr ? std::optional(found->data_model) : std::nullopt;
}

wire::DataModelOf OverlayConfiguration::data_models() const {
  return [this](KindId id) { return data_model(id); };
}

security::TrustAnchors OverlayConfiguration::trust_anchors() const {
  return {instance_name, root_certs, bad_nodes, self_signed_permitted};
}

Result<void> check_supported(const OverlayConfiguration& configuration) {
  if (!configuration.no_ice) {
    return fail(ErrorCode::incompatible_with_overlay, "no-ice", "we have no ICE yet");
  }
  if (configuration.shared_secret) {
    return fail(ErrorCode::incompatible_with_overlay, "shared-secret", "we have no such mode yet");
  }
  return {};
}

}  // namespace carillon::config
