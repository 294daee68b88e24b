#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "security/certificate_mint.hpp"

// The certificates of a new overlay, for `carillon overlay create` and `overlay enroll`.
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
};

/// A node's certificate (11.3), straight from the root; also that of a configuration signer.
/// Ends with the root at the latest.
[[nodiscard]] Result<Issued> create_node(const Issuer& root, const NodeCertificateRequest& request,
                                         WallTime now, Random& random);

struct RegistrarRequest {
  std::string overlay_name{};
  NodeId node_id{};                          ///< The registrar peer's own.
  std::vector<std::string> email_domains{};  ///< The overlay's SIP domains; at least one.
  KeyType key_type{};
};

/// A registrar peer's CA (DESIGN.md, 'Identity'): path length 0, e-mail domains constrained, with
/// the peer's reload URI.
[[nodiscard]] Result<Issued> create_registrar(const Issuer& root, const RegistrarRequest& request,
                                              WallTime now, Random& random);

}  // namespace carillon::security
