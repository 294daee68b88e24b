#pragma once

#include <string>
#include <vector>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

#include "base/hash.hpp"
#include "base/time.hpp"

namespace carillon::app {

/// That somebody has used a token: to whom it belongs from now on. Kept in the overlay (Kind
/// carillon_enrollment) at the name that `resource_name` gives it, as a dictionary with an entry
/// for each peer through which it was stored (USER-NODE-MATCH).
struct Claim {
  Sha256Digest key{};  ///< Of the newcomer's public key, its SubjectPublicKeyInfo.
  NodeId node_id{};    ///< That it was given.

  friend bool operator==(const Claim&, const Claim&) = default;

  /// 48 octets.
  [[nodiscard]] Bytes to_bytes() const;
  [[nodiscard]] static Result<Claim> from_bytes(ByteView octets);
};

/// The peers, as far as the one that we ask knows them.
struct RingView {
  std::vector<NodeId> peers{};           ///< In no order; some may stand there twice.
  std::vector<std::string> addresses{};  ///< "host:port", where a newcomer may ask for entry.
};

/// What an enrollment server wants of the overlay. Errors are those of Overlay; each call may take
/// some seconds.
class EnrollmentOverlay {
 public:
  virtual ~EnrollmentOverlay() = default;
  /// All claims to a token, whichever server has stored them.
  [[nodiscard]] virtual Result<std::vector<Claim>> claims(const std::string& token_id) = 0;
  /// Kept when it returns.
  [[nodiscard]] virtual Result<void> add_claim(const std::string& token_id, const Claim& claim,
                                               seconds lifetime) = 0;
  [[nodiscard]] virtual Result<RingView> ring() = 0;
};

}  // namespace carillon::app
