#include <algorithm>

#include "base/bytes.hpp"
#include "config/configuration_document.hpp"

namespace carillon::config {
namespace {

using security::Authenticator;

Result<void> verify_by(std::string_view blob, const wire::SecurityBlock& block,
                       const std::set<NodeId>& signers, Authenticator& authenticator,
                       WallTime now) {
  const auto signer = authenticator.verify_document(as_bytes(blob), block, now);
  if (!signer) return std::unexpected(signer.error());
  if (!signers.contains(signer->node_id)) {
    return fail(ErrorCode::bad_signature, "signature",
                signer->node_id.to_hex() + " is not entitled to sign this");
  }
  return {};
}

/// One good signature among those of the document is enough.
Result<void> verify_blob(const ConfigurationDocument& document, const std::set<NodeId>& signers,
                         Authenticator& authenticator, WallTime now) {
  Result<void> last = fail(ErrorCode::bad_signature, "configuration", "no readable signature");
  for (const auto& signature : document.signatures()) {
    last = verify_by(document.blob(), signature, signers, authenticator, now);
    if (last) break;
  }
  return last;
}

Result<void> verify_kinds(const ConfigurationDocument& document, Authenticator& authenticator,
                          WallTime now) {
  for (const auto& block : document.kind_blocks()) {
    auto good = verify_kind(block, document.configuration(), authenticator, now);
    if (!good) return good;
  }
  return {};
}

Result<void> check_expiration(const OverlayConfiguration& configuration, WallTime now) {
  if (!configuration.expiration || now < *configuration.expiration) return {};
  return fail(ErrorCode::config_too_old, "configuration", "has expired");
}

}  // namespace

Result<void> verify_kind(const KindBlock& block, const OverlayConfiguration& configuration,
                         Authenticator& authenticator, WallTime now) {
  Result<void> good = fail(ErrorCode::bad_signature, "kind-signature", "none, or unreadable");
  if (block.signature) {
    good =
        verify_by(block.octets, *block.signature, configuration.kind_signers, authenticator, now);
  }
  if (!good) {
    const KindDefinition* kind = configuration.kind(block.id);
    good.error().detail += " (Kind " + (kind != nullptr ? kind->name : std::string("?")) + ")";
  }
  return good;
}

Result<void> verify_self(const ConfigurationDocument& document, WallTime now,
                         std::shared_ptr<security::Verifier> verifier) {
  const auto& configuration = document.configuration();
  if (auto good = check_expiration(configuration, now); !good) return good;
  Authenticator authenticator(configuration.trust_anchors(), std::move(verifier));
  auto good = verify_blob(document, configuration.configuration_signers, authenticator, now);
  if (good) good = verify_kinds(document, authenticator, now);
  if (good) good = check_supported(configuration);
  return good;
}

Result<void> verify_successor(const ConfigurationDocument& current,
                              const ConfigurationDocument& next, WallTime now,
                              std::shared_ptr<security::Verifier> verifier) {
  const auto& before = current.configuration();
  const auto& after = next.configuration();
  if (before.instance_name != after.instance_name) {
    return fail(ErrorCode::incompatible_with_overlay, "instance-name", "is another overlay's");
  }
  if (!is_older(before.sequence, after.sequence)) {
    return fail(ErrorCode::config_too_old, "sequence", "is not later than ours");
  }
  if (auto good = check_expiration(after, now); !good) return good;
  Authenticator by_current(before.trust_anchors(), verifier);
  auto good = verify_blob(next, before.configuration_signers, by_current, now);
  if (!good) return good;
  Authenticator by_next(after.trust_anchors(), std::move(verifier));
  good = verify_kinds(next, by_next, now);
  if (good) good = check_supported(after);
  return good;
}

}  // namespace carillon::config
