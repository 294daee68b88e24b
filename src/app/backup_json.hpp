#pragma once

#include <nlohmann/json.hpp>

#include "sip/credential_service.hpp"
#include "sip/location_service.hpp"

// How backups write bindings and credentials (backup_service.hpp).
namespace carillon::app {

[[nodiscard]] nlohmann::ordered_json backup_json(const sip::Binding& binding);
[[nodiscard]] nlohmann::ordered_json backup_json(const sip::Credential& credential);

/// Both throw Failure, or Json's exception, on what is not as it must be.
[[nodiscard]] sip::Binding binding_from(const nlohmann::ordered_json& json);
[[nodiscard]] sip::Credential credential_from(const nlohmann::ordered_json& json);

}  // namespace carillon::app
