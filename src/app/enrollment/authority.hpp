#pragma once

#include <deque>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "app/enrollment/enrollment_overlay.hpp"
#include "app/enrollment/multipart_form.hpp"
#include "app/enrollment/renewal.hpp"
#include "app/enrollment/token.hpp"
#include "security/certificate_request.hpp"
#include "security/creation.hpp"

namespace carillon::app {

/// Decides who may become a peer, and certifies it (RFC 6940, 11.3). Its memory is the overlay:
/// several of them may work for one overlay, and any may be restarted at any time.
///
/// A token belongs to the first key that it is used with. Used again with that key, e.g. because
/// an answer was lost, it gives the same Node-ID; with another, nothing.
class EnrollmentAuthority {
 public:
  struct Parts {
    security::Issuer root;
    std::string overlay_name;
    std::vector<std::string> domains;  ///< SIP domains, at least one.
    TokenKey token_key;
    EnrollmentOverlay& overlay;                 ///< Must outlive the authority,
    Random& random;                             ///< like this, which must be a cryptographic one.
    seconds lifetime{security::node_lifetime};  ///< Of the certificates.
  };

  explicit EnrollmentAuthority(Parts parts) : parts_(std::move(parts)) {}

  /// What a newcomer gets: its certificate, and where others are.
  struct Enrolled {
    security::CertificatePtr node;
    NodeId node_id{};
    std::vector<std::string> bootstrap{};
  };
  /// `form`: "username", "password" (the token's text), "csr"; "nodeids", if any, must be 1.
  [[nodiscard]] std::expected<Enrolled, Refusal> enroll(const MultipartForm& form, WallTime now);

  /// The same for a registrar peer (DESIGN.md, 'Identity'), which also gets a CA of its own, over
  /// the key of a second request, "registrar-csr".
  struct Registrar {
    Enrolled enrolled;
    security::CertificatePtr ca;
  };
  [[nodiscard]] std::expected<Registrar, Refusal> enroll_registrar(const MultipartForm& form,
                                                                   WallTime now);
  /// New certificates for a peer that has some (renewal.hpp). `anchors`: the configuration's.
  [[nodiscard]] std::expected<Renewed, Refusal> renew(const MultipartForm& form,
                                                      const security::TrustAnchors& anchors,
                                                      WallTime now);

 private:
  [[nodiscard]] std::expected<Token, Refusal> authenticate(const MultipartForm& form,
                                                           WallTime now) const;
  /// The Node-ID that belongs to token and key; claims the token if nobody has yet.
  [[nodiscard]] std::expected<NodeId, Refusal> settle(const Token& token, const Sha256Digest& key,
                                                      const RingView& ring, WallTime now);
  [[nodiscard]] NodeId choose(const RingView& ring, WallTime now);

  Parts parts_;
  /// Given out lately: their bearers may not have joined yet.
  std::deque<std::pair<NodeId, WallTime>> recent_;
};

}  // namespace carillon::app
