#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration_document.hpp"
#include "security/creation.hpp"
#include "security/identity.hpp"
#include "security/trust_cache.hpp"
#include "sim/random.hpp"
#include "sim/signatures.hpp"

namespace carillon::sim {

/// What `carillon overlay enroll` hands to one peer.
struct Enrolled {
  security::Credential node{};
  std::optional<security::Issuer> registrar{};  ///< At those that may act for users.

  [[nodiscard]] const NodeId& id() const { return node.node_id; }
  [[nodiscard]] Bytes certificate() const { return node.certificate->der(); }
};

/// The overlay's enrollment and its configuration document.
class Population {
 public:
  /// The SIP domain of all users.
  static constexpr auto domain = "example.org";

  /// `real_signatures`: ECDSA as shipped, else those of FreeSignatures.
  Population(bool real_signatures, std::uint64_t seed);

  [[nodiscard]] const config::ConfigurationDocument& document() const { return *document_; }
  [[nodiscard]] const std::shared_ptr<security::Verifier>& verifier() const { return verifier_; }
  /// Where signatures are real each peer does all its own work; else what is common is shared.
  [[nodiscard]] const std::shared_ptr<security::TrustCache>& trust() const { return trust_; }
  [[nodiscard]] bool has_real_signatures() const { return free_ == nullptr; }

  /// A new peer.
  [[nodiscard]] Enrolled enroll(const NodeId& id, bool registrar);
  [[nodiscard]] security::Identity identity(const Enrolled& peer, Random& random) const;

 private:
  [[nodiscard]] security::Credential credential(const security::Issued& issued) const;

  SmallRandom random_;
  std::shared_ptr<FreeSignatures> free_;
  std::shared_ptr<security::Verifier> verifier_;
  security::Issued root_;
  std::shared_ptr<security::TrustCache> trust_;
  std::optional<config::ConfigurationDocument> document_;
};

}  // namespace carillon::sim
