#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <carillon/ids.hpp>

struct x509_st;

namespace carillon::security {

/// What a certificate's subjectAltName says (RFC 6940, 11.3).
struct CertificateNames {
  std::vector<NodeId> node_ids{};
  std::string overlay_name{};
  std::string user_name{};
  bool other_identities{false};  ///< It holds a name of a sort that 11.3 does not allow.
};

/// No names at all if there is no subjectAltName. `bad_certificate` on a malformed or twofold
/// one, on reload URIs of two overlays, on a Node-ID given twice, on a second rfc822Name and on a
/// user name that is_user_name refuses.
[[nodiscard]] Result<CertificateNames> read_certificate_names(const x509_st& certificate);

/// The e-mail names that a CA may issue (RFC 5280, 4.2.1.10, permittedSubtrees), as they stand
/// there; empty if it has no such constraint.
[[nodiscard]] std::vector<std::string> read_email_domains(const x509_st& certificate);

/// May `name` stand in an rfc822Name? Visible ASCII of at most 254 characters with one @, and
/// something on both sides of it. An embedded NUL is the classical trick (11.3).
[[nodiscard]] bool is_user_name(std::string_view name);

/// Does a constraint as read_email_domains has it permit `email` (RFC 5280, 4.2.1.10)?
[[nodiscard]] bool is_permitted_email(const std::vector<std::string>& domains,
                                      std::string_view email);

}  // namespace carillon::security
