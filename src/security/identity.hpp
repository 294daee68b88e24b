#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bounded_cache.hpp"
#include "base/random.hpp"
#include "security/certificate_mint.hpp"
#include "security/credential.hpp"

namespace carillon::security {

/// A peer's own identity: its node certificate, and at a registrar the means to act for users.
class Identity {
 public:
  static constexpr std::size_t user_cache_capacity = 8'192;  ///< Some 2 KB each.

  /// The texts of a peer's files (`carillon overlay enroll`). Without a registrar CA leave the
  /// last two empty.
  struct Pem {
    std::string node_certificates{};  ///< The node's own first, then intermediates, if any.
    std::string node_key{};
    std::string registrar_certificate{};
    std::string registrar_key{};
  };

  /// `invalid_argument` or `bad_certificate` if the parts are unreadable or do not fit together
  /// (key and certificate, Node-ID of node and registrar). Says nothing about the chain: ask
  /// Authenticator::verify_link. `random` is used here only.
  [[nodiscard]] static Result<Identity> from_pem(const Pem& pem, Random& random);

  /// For simulations, with a signer of their own; `mint` makes it a registrar.
  explicit Identity(Credential node, std::optional<CertificateMint> mint = std::nullopt);

  [[nodiscard]] const NodeId& node_id() const { return node_->node_id; }
  [[nodiscard]] const std::string& overlay_name() const {
    return node_->certificate->overlay_name();
  }
  /// What the node's own messages and values are signed with.
  [[nodiscard]] const Credential& node() const { return *node_; }

  /// What a user's values are signed with here: the node's own credential if it bears that name,
  /// else one with a certificate minted for the user, over the node's own key. Cached; renewed
  /// long before it expires. Errors as CertificateMint::mint; `forbidden` at a peer that is no
  /// registrar.
  [[nodiscard]] Result<std::shared_ptr<const Credential>> user(const std::string& user_name,
                                                               WallTime now);
  [[nodiscard]] bool is_registrar() const { return mint_.has_value(); }

  /// Takes over the certificates of `newer`, which is of the same Node-ID (else
  /// `invalid_argument`). What `node()` refers to is the new one from now on; users get new
  /// certificates when they are needed next.
  [[nodiscard]] Result<void> renew(Identity newer);

 private:
  struct User {
    std::shared_ptr<const Credential> credential;
    WallTime renew_at;
  };

  std::shared_ptr<Credential> node_;
  std::optional<CertificateMint> mint_;
  BoundedCache<std::string, User> users_;
};

}  // namespace carillon::security
