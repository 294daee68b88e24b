#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "security/certificate_mint.hpp"

// The certificates of an overlay, for `carillon overlay create`, `overlay enroll` and the
// enrollment server.
namespace carillon::security {

/// A new certificate with its key; texts by `certificate->to_pem()` and `key.to_pem()`.
using Issued = Issuer;

inline constexpr seconds root_lifetime{3650LL * 86'400};
inline constexpr seconds node_lifetime{730LL * 86'400};

/// Random, and neither of the reserved ones. `random` must be a cryptographic one (11.3).
[[nodiscard]] NodeId random_node_id(Random& random);

/// A self-signed root CA.
[[nodiscard]] Result<Issued> create_root(const std::string& overlay_name, KeyType key_type,
                                         WallTime now, Random& random);

struct NodeCertificateRequest {
  std::string overlay_name{};
  std::string user_name{};  ///< The rfc822Name, e.g. "node-<hex>@overlay".
  NodeId node_id{};
  KeyType key_type{};
  seconds lifetime{node_lifetime};
};

/// A node's certificate (11.3), straight from the root; also that of a configuration signer.
/// Ends with the root at the latest.
[[nodiscard]] Result<Issued> create_node(const Issuer& root, const NodeCertificateRequest& request,
                                         WallTime now, Random& random);

/// The same over a key that only its owner has, who sent a request for it.
[[nodiscard]] Result<CertificatePtr> certify_node(const Issuer& root,
                                                  const NodeCertificateRequest& request,
                                                  const PublicKey& key, WallTime now,
                                                  Random& random);

struct RegistrarRequest {
  std::string overlay_name{};
  NodeId node_id{};                          ///< The registrar peer's own.
  std::vector<std::string> email_domains{};  ///< The overlay's SIP domains; at least one.
  KeyType key_type{};
  seconds lifetime{node_lifetime};
};

/// A registrar peer's CA (DESIGN.md, 'Identity'): path length 0, e-mail domains constrained, with
/// the peer's reload URI.
[[nodiscard]] Result<Issued> create_registrar(const Issuer& root, const RegistrarRequest& request,
                                              WallTime now, Random& random);

[[nodiscard]] Result<CertificatePtr> certify_registrar(const Issuer& root,
                                                       const RegistrarRequest& request,
                                                       const PublicKey& key, WallTime now,
                                                       Random& random);

/// A certificate and key, PEM, for an HTTPS server that bears these host names and addresses: for
/// enrollment, where the overlay's root is what newcomers trust.
struct HttpsPem {
  std::string certificate{};
  std::string key{};
};
[[nodiscard]] Result<HttpsPem> create_https(const Issuer& root,
                                            const std::vector<std::string>& hosts, WallTime now,
                                            Random& random);

}  // namespace carillon::security
