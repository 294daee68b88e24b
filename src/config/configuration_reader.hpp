#pragma once

#include <cstdint>
#include <limits>

#include "config/overlay_configuration.hpp"
#include "config/xml.hpp"

// For config's own sources: from XML elements, valid against the schema, to values.
namespace carillon::config {

/// A configuration element. Errors as ConfigurationDocument::parse.
[[nodiscard]] Result<OverlayConfiguration> read_configuration(const XmlElement& element);

/// A kind element: `incompatible_with_overlay` if it is a Kind that we cannot support.
[[nodiscard]] Result<KindDefinition> read_kind(const XmlElement& element);

/// A sip:domain-restrictions element (RFC 7904, 3.3).
[[nodiscard]] Result<DomainRestrictions> read_domain_restrictions(const XmlElement& element);
/// Is it one? The RFC's text calls it domain-restrictions, its grammar domain-restriction.
[[nodiscard]] bool is_domain_restrictions(const XmlElement& element);

/// What xsd:int ends at.
inline constexpr std::int64_t max_int = std::numeric_limits<std::int32_t>::max();
[[nodiscard]] Result<std::int64_t> read_number(const XmlElement& element, std::int64_t min,
                                               std::int64_t max);
/// xsd:boolean: "true", "1", "false" or "0".
[[nodiscard]] Result<bool> read_boolean(const XmlElement& element, std::string_view text);

}  // namespace carillon::config
