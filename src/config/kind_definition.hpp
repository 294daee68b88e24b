#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/data_model.hpp"

namespace carillon::config {

/// Who may store what where (RFC 6940, 7.3).
enum class AccessControl : std::uint8_t { user_match, node_match, user_node_match, node_multiple };

/// The names of the registry of 14.4: "USER-MATCH", "NODE-MATCH", "USER-NODE-MATCH",
/// "NODE-MULTIPLE".
[[nodiscard]] std::string_view to_string(AccessControl control);
[[nodiscard]] std::optional<AccessControl> access_control_from_string(std::string_view name);

/// The AORs that SIP-REGISTRATION takes (RFC 7904, 3.3).
struct DomainRestrictions {
  bool enable{false};                   ///< false: only the overlay's own domain.
  std::vector<std::string> patterns{};  ///< POSIX extended regular expressions, whole domain.

  /// May `domain` be registered? A pattern must match all of it, ignoring case.
  [[nodiscard]] bool allow(std::string_view domain, std::string_view overlay_name) const;

  friend bool operator==(const DomainRestrictions&, const DomainRestrictions&) = default;
};

/// A Kind as the overlay's configuration defines it (RFC 6940, 11.1).
struct KindDefinition {
  KindId id{};
  std::string name{};  ///< "SIP-REGISTRATION"; for a private Kind, which has no name, "0xf0000001".
  wire::DataModel data_model{};
  AccessControl access_control{};
  std::uint32_t max_count{};          ///< Values at a resource.
  std::uint32_t max_size{};           ///< Octets of one value.
  std::uint32_t max_node_multiple{};  ///< Only for NODE-MULTIPLE: how far i goes.
  std::optional<DomainRestrictions> domain_restrictions{};

  friend bool operator==(const KindDefinition&, const KindDefinition&) = default;
};

/// What IANA's registry (14.6 and RFC 7904) says of a Kind: name, data model and access control;
/// the sizes are a document's to say and are zero. Null if it is not registered.
[[nodiscard]] const KindDefinition* registered_kind(std::string_view name);
[[nodiscard]] const KindDefinition* registered_kind(KindId id);

}  // namespace carillon::config
