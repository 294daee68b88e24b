#include "security/identity.hpp"

#include "security/openssl_signer.hpp"

namespace carillon::security {
namespace {

Result<Credential> read_node(const Identity::Pem& pem, const KeyPair& key) {
  auto chain = Certificate::parse_pem_list(pem.node_certificates);
  if (!chain) return std::unexpected(chain.error());
  const CertificatePtr certificate = chain->front();
  if (certificate->node_ids().empty()) {
    return fail(ErrorCode::bad_certificate, "node certificate", "no reload URI in it");
  }
  if (key.public_key().to_der() != certificate->public_key().to_der()) {
    return fail(ErrorCode::bad_certificate, "node certificate", "the key is not the certificate's");
  }
  Credential node{certificate, {}, certificate->node_ids().front(), nullptr};
  for (std::size_t i = 1; i < chain->size(); ++i) {
    if (!(*chain)[i]->is_self_signed()) node.intermediates.push_back((*chain)[i]);
  }
  node.signer = std::make_shared<OpensslSigner>(key);
  return node;
}

Result<CertificateMint> read_mint(const Identity::Pem& pem, const Credential& node,
                                  const KeyPair& node_key, Random& random) {
  auto certificate = Certificate::parse_pem(pem.registrar_certificate);
  if (!certificate) return std::unexpected(certificate.error());
  auto key = KeyPair::from_pem(pem.registrar_key);
  if (!key) return std::unexpected(key.error());
  if ((*certificate)->node_ids() != std::vector{node.node_id} ||
      (*certificate)->overlay_name() != node.certificate->overlay_name()) {
    return fail(ErrorCode::bad_certificate, "registrar CA", "is another node's");
  }
  return CertificateMint::create({*certificate, *key}, node_key.public_key(), random);
}

}  // namespace

Identity::Identity(Credential node, std::optional<CertificateMint> mint)
    : node_(std::make_shared<Credential>(std::move(node))),
      mint_(std::move(mint)),
      users_(user_cache_capacity) {}

Result<Identity> Identity::from_pem(const Pem& pem, Random& random) {
  auto key = KeyPair::from_pem(pem.node_key);
  if (!key) return std::unexpected(key.error());
  auto node = read_node(pem, *key);
  if (!node) return std::unexpected(node.error());
  Identity identity(*std::move(node));
  if (!pem.registrar_certificate.empty() || !pem.registrar_key.empty()) {
    auto mint = read_mint(pem, identity.node(), *key, random);
    if (!mint) return std::unexpected(mint.error());
    identity.mint_ = *std::move(mint);
  }
  return identity;
}

Result<void> Identity::renew(Identity newer) {
  if (newer.node_id() != node_id() || newer.overlay_name() != overlay_name()) {
    return fail(ErrorCode::invalid_argument, "node certificate", "is another node's");
  }
  *node_ = *newer.node_;
  mint_ = std::move(newer.mint_);
  users_.clear();
  return {};
}

Result<std::shared_ptr<const Credential>> Identity::user(const std::string& user_name,
                                                         WallTime now) {
  if (user_name == node_->certificate->user_name()) {
    return std::make_shared<const Credential>(*node_);  // A renewal changes nothing under way.
  }
  if (const User* known = users_.get(user_name);
      known != nullptr && now < known->renew_at && known->credential->certificate->valid_at(now)) {
    return known->credential;
  }
  if (!mint_) return fail(ErrorCode::forbidden, "user certificate", "this node is no registrar");
  auto certificate = mint_->mint(user_name, now);
  if (!certificate) return std::unexpected(certificate.error());
  // In time for what is stored with it to outlive the old one, yet not at every call when the
  // issuer's own end is near.
  const WallTime renew_at = now + ((*certificate)->not_after() - now) / 3 * 2;
  auto credential = std::make_shared<const Credential>(
      Credential{*certificate, {mint_->issuer()}, node_->node_id, node_->signer});
  return users_.put(user_name, {std::move(credential), renew_at}).credential;
}

}  // namespace carillon::security
