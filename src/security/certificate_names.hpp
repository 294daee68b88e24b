#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <carillon/ids.hpp>

namespace carillon::security {

/// What a certificate's subjectAltName says (RFC 6940, 11.3).
struct CertificateNames {
  std::vector<NodeId> node_ids{};
  std::string overlay_name{};
  std::string user_name{};
  bool other_identities{false};  ///< It holds a name of a sort that 11.3 does not allow.
};

/// `subject_alt_name`: the extension's value. `bad_certificate` on a malformed one, on reload URIs
/// of two overlays, on a Node-ID given twice, on a second rfc822Name and on a user name that
/// is_user_name refuses.
[[nodiscard]] Result<CertificateNames> read_certificate_names(ByteView subject_alt_name);

/// What a CA's nameConstraints extension says (RFC 5280, 4.2.1.10).
struct EmailConstraints {
  std::vector<std::string> domains{};  ///< The permitted e-mail names, as they stand there.
  bool others{false};                  ///< It constrains other names, too, or excludes some.
};
/// `name_constraints`: the extension's value; `bad_certificate` if it is malformed.
[[nodiscard]] Result<EmailConstraints> read_email_constraints(ByteView name_constraints);

/// May `name` stand in an rfc822Name? Visible ASCII of at most 254 characters with one @, and
/// something on both sides of it. An embedded NUL is the classical trick (11.3).
[[nodiscard]] bool is_user_name(std::string_view name);

/// Do constraints as read_email_constraints has them permit `email` (RFC 5280, 4.2.1.10)?
[[nodiscard]] bool is_permitted_email(const std::vector<std::string>& domains,
                                      std::string_view email);

}  // namespace carillon::security
