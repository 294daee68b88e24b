#include "app/enrollment/renewal.hpp"

#include <algorithm>
#include <string_view>

#include "base/base64.hpp"
#include "security/certificate_request.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::app {
namespace {

constexpr std::string_view proof_label = "carillon renewal";

/// What the proof signs: a label of its own, that it can be nothing else; the certificate; the
/// request.
Bytes proof_input(const security::Certificate& node, ByteView registrar_csr) {
  Bytes input = to_bytes(as_bytes(proof_label));
  const auto certificate = node.digest();
  const auto request = sha256(registrar_csr);
  input.insert(input.end(), certificate.begin(), certificate.end());
  input.insert(input.end(), request.begin(), request.end());
  return input;
}

std::unexpected<Refusal> refuse_renewal(const char* token, std::string reason) {
  return std::unexpected(Refusal{403, token, std::move(reason)});
}

std::unexpected<Refusal> no_field(const char* name) {
  return refuse_renewal("failed_authentication", std::string("\"") + name + "\" is missing");
}

}  // namespace

Result<MultipartForm> renewal_form(const RenewalKeys& keys) {
  const auto csr = security::CertificateRequest::create(keys.registrar_key);
  if (!csr) return std::unexpected(csr.error());
  const auto proof = security::OpensslSigner(keys.node_key).sign(proof_input(keys.node, *csr));
  if (!proof) return std::unexpected(proof.error());
  MultipartForm form;
  form.add({.name = "certificate", .content = keys.node.to_pem()});
  form.add({.name = "registrar-csr",
            .content_type = "application/pkcs10",
            .content = std::string(csr->begin(), csr->end())});
  form.add({.name = "proof", .content = to_base64(*proof)});
  return form;
}

std::expected<Renewed, Refusal> renew(const MultipartForm& form, const RenewalAuthority& authority,
                                      WallTime now) {
  const auto* shown = form.field("certificate");
  const auto* request = form.field("registrar-csr");
  const auto* proof = form.field("proof");
  if (shown == nullptr) return no_field("certificate");
  if (request == nullptr) return no_field("registrar-csr");
  if (proof == nullptr) return no_field("proof");
  const auto node = security::Certificate::parse_pem(shown->content);
  if (!node) return refuse_renewal("failed_authentication", node.error().message());
  security::ChainVerifier verifier(authority.anchors);
  if (const auto chain = verifier.verify(*node, {}, now); !chain) {
    return refuse_renewal("failed_authentication", chain.error().message());
  }
  if ((*node)->node_ids().size() != 1) {
    return refuse_renewal("Node-IDs_not_available", "a peer has one Node-ID");
  }
  const auto csr = as_bytes(request->content);
  const auto signature = from_base64(proof->content);
  if (!signature || !security::OpensslVerifier().verify((*node)->public_key(),
                                                        proof_input(**node, csr), *signature)) {
    return refuse_renewal("failed_authentication", "the proof is not the certificate's owner's");
  }
  const auto ca_request = security::CertificateRequest::parse(csr);
  if (!ca_request) return refuse_renewal("bad_CSR", ca_request.error().message());
  const auto& overlay = (*node)->overlay_name();
  const NodeId node_id = (*node)->node_ids().front();
  auto certificate = security::certify_node(authority.root,
                                            {.overlay_name = overlay,
                                             .user_name = (*node)->user_name(),
                                             .node_id = node_id,
                                             .lifetime = authority.lifetime},
                                            (*node)->public_key(), now, authority.random);
  auto ca = security::certify_registrar(authority.root,
                                        {.overlay_name = overlay,
                                         .node_id = node_id,
                                         .email_domains = authority.domains,
                                         .lifetime = authority.lifetime},
                                        ca_request->key(), now, authority.random);
  if (!certificate || !ca) {
    const auto& error = !certificate ? certificate.error() : ca.error();
    return std::unexpected(Refusal{503, "try_again", error.message()});
  }
  return Renewed{*std::move(certificate), *std::move(ca)};
}

WallTime renewal_due(const security::Certificate& certificate) {
  // What lies before it was made does not count.
  const auto made = std::min(certificate.not_before() + security::CertificateMint::backdated,
                             certificate.not_after());
  return certificate.not_after() - (certificate.not_after() - made) / 4;
}

}  // namespace carillon::app
