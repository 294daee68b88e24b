#include "security/certificate_names.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "security/certificate.hpp"
#include "security/openssl.hpp"
#include "security/reload_uri.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t max_user_name = 254;

std::unexpected<Error> bad_name(std::string detail) {
  return fail(ErrorCode::bad_certificate, "subjectAltName", std::move(detail));
}

std::string_view text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

Result<void> add_uri(CertificateNames& names, std::string_view uri) {
  auto reload = ReloadUri::parse(uri);
  if (!reload) {
    // 14.15's scheme is the only one that 11.3 allows; a CA may have a web address, too.
    names.other_identities = true;
    if (uri.starts_with("reload:")) return std::unexpected(reload.error());
    return {};
  }
  if (!names.overlay_name.empty() && names.overlay_name != reload->overlay_name) {
    return bad_name("reload URIs of two overlays");
  }
  if (std::ranges::find(names.node_ids, reload->node_id) != names.node_ids.end()) {
    return bad_name("a Node-ID twice");
  }
  if (names.node_ids.size() >= Certificate::max_node_ids) return bad_name("more than 16 Node-IDs");
  names.node_ids.push_back(reload->node_id);
  names.overlay_name = std::move(reload->overlay_name);
  return {};
}

Result<void> add_user(CertificateNames& names, std::string_view user) {
  if (!names.user_name.empty()) return bad_name("two rfc822Names");
  if (!is_user_name(user)) return bad_name("not a user name");
  names.user_name = user;
  return {};
}

}  // namespace

bool is_user_name(std::string_view name) {
  const auto at = name.find('@');
  return name.size() <= max_user_name &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; }) &&
         at != std::string_view::npos && at != 0 && at + 1 != name.size() &&
         name.find('@', at + 1) == std::string_view::npos;
}

Result<CertificateNames> read_certificate_names(ByteView subject_alt_name) {
  CertificateNames names;
  const auto alternatives =
      openssl::decode<openssl::GeneralNamesPtr>(d2i_GENERAL_NAMES, subject_alt_name);
  if (!alternatives) return bad_name("malformed");
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    Result<void> added;
    if (name->type == GEN_URI) {
      added = add_uri(names, text(name->d.uniformResourceIdentifier));
    } else if (name->type == GEN_EMAIL) {
      added = add_user(names, text(name->d.rfc822Name));
    } else {
      names.other_identities = true;
    }
    if (!added) return std::unexpected(added.error());
  }
  return names;
}

Result<EmailConstraints> read_email_constraints(ByteView name_constraints) {
  const openssl::NameConstraintsPtr constraints{
      openssl::decode_item<NAME_CONSTRAINTS>(ASN1_ITEM_rptr(NAME_CONSTRAINTS), name_constraints)};
  if (!constraints) return fail(ErrorCode::bad_certificate, "nameConstraints", "malformed");
  EmailConstraints email;
  email.others = sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) > 0;
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
    const GENERAL_SUBTREE* subtree = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i);
    if (subtree->base->type != GEN_EMAIL || subtree->minimum != nullptr ||
        subtree->maximum != nullptr) {
      email.others = true;
    } else {
      email.domains.emplace_back(text(subtree->base->d.rfc822Name));
    }
  }
  return email;
}

bool is_permitted_email(const std::vector<std::string>& domains, std::string_view email) {
  const auto same = [](std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
  };
  const std::string_view host = email.substr(email.find('@') + 1);
  return std::ranges::any_of(domains, [&](std::string_view domain) {
    if (domain.find('@') != std::string_view::npos) return email == domain;
    if (!domain.starts_with('.')) return same(host, domain);
    return host.size() > domain.size() && same(host.substr(host.size() - domain.size()), domain);
  });
}

}  // namespace carillon::security
