#include "sim/population.hpp"

#include "config/document_writer.hpp"
#include "security/openssl_signer.hpp"
#include "sim/clock.hpp"

namespace carillon::sim {
namespace {

constexpr auto overlay_name = "overlay.example.org";
constexpr auto key_type = security::KeyType::ecdsa;
/// Of the cache that all peers share: none is verified twice.
constexpr std::size_t shared_capacity = 2'000'000;
/// Clocks that are set wrong must find the certificates valid.
constexpr WallTime issued_at = HostClock::epoch - std::chrono::hours{24};

}  // namespace

Population::Population(bool real_signatures, std::uint64_t seed)
    : random_(seed),
      root_(security::create_root(overlay_name, key_type, issued_at, random_).value()) {
  if (real_signatures) {
    verifier_ = std::make_shared<security::OpensslVerifier>();
  } else {
    free_ = std::make_shared<FreeSignatures>();
    verifier_ = free_;
  }
  const auto signer = enroll(security::random_node_id(random_), false);
  auto configuration = config::default_configuration(overlay_name);
  configuration.root_certs = {root_.certificate};
  configuration.configuration_signers = {signer.id()};
  configuration.kind_signers = {signer.id()};
  document_ = config::ConfigurationDocument::parse(
                  config::write_document(configuration, signer.node, signer.node).value())
                  .value();
  if (free_) {
    trust_ = std::make_shared<security::TrustCache>(document_->configuration().trust_anchors(),
                                                    shared_capacity, shared_capacity);
  }
}

security::Credential Population::credential(const security::Issued& issued) const {
  const auto& key = issued.key.public_key();
  std::shared_ptr<security::Signer> signer;
  if (free_) {
    signer = free_->signer(key);
  } else {
    signer = std::make_shared<security::OpensslSigner>(issued.key);
  }
  return {issued.certificate, {}, issued.certificate->node_ids().front(), std::move(signer)};
}

Enrolled Population::enroll(const NodeId& id, bool registrar) {
  Enrolled peer;
  peer.node = credential(
      security::create_node(
          root_, {overlay_name, "node-" + id.to_hex() + "@" + overlay_name, id, key_type},
          issued_at, random_)
          .value());
  if (registrar) {
    peer.registrar = security::create_registrar(root_, {overlay_name, id, {domain}, key_type},
                                                issued_at, random_)
                         .value();
  }
  return peer;
}

security::Identity Population::identity(const Enrolled& peer, Random& random) const {
  if (!peer.registrar) return security::Identity{peer.node};
  return security::Identity{
      peer.node, security::CertificateMint::create(*peer.registrar,
                                                   peer.node.certificate->public_key(), random)
                     .value()};
}

}  // namespace carillon::sim
