#pragma once

#include "config/xml.hpp"

namespace carillon::config {

/// Is the document valid against the schema of RFC 6940, 11.1.1? `malformed`, with what libxml2
/// says and on which line.
[[nodiscard]] Result<void> validate(const XmlDocument& document);

}  // namespace carillon::config
