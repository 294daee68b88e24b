#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::sip {

/// Two bindings are of the same phone and replace each other: by instance and reg-id where both
/// have one (RFC 5626, 6), else by contact.
[[nodiscard]] inline bool same_phone(std::string_view contact_a, std::string_view instance_a,
                                     std::uint32_t reg_id_a, std::string_view contact_b,
                                     std::string_view instance_b, std::uint32_t reg_id_b) {
  if (!instance_a.empty() && !instance_b.empty()) {
    return instance_a == instance_b && reg_id_a == reg_id_b;
  }
  return contact_a == contact_b;
}

}  // namespace carillon::sip
