#include "app/enrollment/authority.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "topology/node_id_choice.hpp"

namespace carillon::app {
namespace {

/// A newcomer that has not joined after so long is not counted as a peer.
constexpr seconds recent_for{600};
/// That a token was used is remembered so much longer than it is good: clocks differ.
constexpr seconds claim_margin{86'400};

std::unexpected<Refusal> refuse(const char* token, std::string reason) {
  return std::unexpected(Refusal{403, token, std::move(reason)});
}

std::unexpected<Refusal> not_now(const Error& error) {
  return std::unexpected(
      Refusal{503, "try_again", "the overlay cannot be asked: " + error.message()});
}

std::string text_of(const MultipartForm& form, const char* name) {
  const auto* field = form.field(name);
  return field == nullptr ? std::string{} : field->content;
}

/// DER, or the same in PEM's clothes, as openssl req writes it.
Result<Bytes> der_of(const std::string& content) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE REQUEST-----";
  constexpr std::string_view end = "-----END CERTIFICATE REQUEST-----";
  if (!content.starts_with(begin)) return to_bytes(as_bytes(content));
  const auto stop = content.find(end);
  if (stop == std::string::npos) return fail(ErrorCode::malformed, "csr", "PEM does not end");
  return from_base64(std::string_view{content}.substr(begin.size(), stop - begin.size()));
}

std::expected<security::CertificateRequest, Refusal> read_request(const MultipartForm& form,
                                                                  const char* name) {
  const auto* field = form.field(name);
  if (field == nullptr) return refuse("bad_CSR", std::string("\"") + name + "\" is missing");
  if (field->content_type != "application/pkcs10") {
    return refuse("bad_CSR", std::string(name) + " must be of type application/pkcs10");
  }
  const auto der = der_of(field->content);
  if (!der) return refuse("bad_CSR", der.error().message());
  auto request = security::CertificateRequest::parse(*der);
  if (!request) return refuse("bad_CSR", request.error().message());
  return *std::move(request);
}

}  // namespace

std::expected<Token, Refusal> EnrollmentAuthority::authenticate(const MultipartForm& form,
                                                                WallTime now) const {
  const auto token = Token::parse(text_of(form, "password"));
  if (!token) return refuse("failed_authentication", token.error().message());
  if (text_of(form, "username") != token->user_name()) {
    return refuse("failed_authentication", "the user name is not the token's");
  }
  if (const auto good = token->verify(parts_.token_key, now); !good) {
    return refuse("failed_authentication", good.error().message());
  }
  if (token->root() != parts_.root.certificate->digest()) {
    return refuse("failed_authentication", "the token is for another root");
  }
  return *token;
}

std::expected<EnrollmentAuthority::Enrolled, Refusal> EnrollmentAuthority::enroll(
    const MultipartForm& form, WallTime now) {
  const auto token = authenticate(form, now);
  if (!token) return std::unexpected(token.error());
  if (const auto* count = form.field("nodeids"); count != nullptr && count->content != "1") {
    return refuse("Node-IDs_not_available", "a peer gets one Node-ID");
  }
  const auto request = read_request(form, "csr");
  if (!request) return std::unexpected(request.error());
  if (request->asks_for_names()) {
    return refuse("username_not_available", "names are given here, not chosen");
  }
  const auto ring = parts_.overlay.ring();
  if (!ring) return not_now(ring.error());
  const auto node_id = settle(*token, sha256(request->key().to_der()), *ring, now);
  if (!node_id) return std::unexpected(node_id.error());
  auto certificate =
      security::certify_node(parts_.root,
                             {.overlay_name = parts_.overlay_name,
                              .user_name = "node-" + node_id->to_hex() + "@" + parts_.overlay_name,
                              .node_id = *node_id,
                              .lifetime = parts_.lifetime},
                             request->key(), now, parts_.random);
  if (!certificate) return not_now(certificate.error());
  return Enrolled{*std::move(certificate), *node_id, ring->addresses};
}

std::expected<EnrollmentAuthority::Registrar, Refusal> EnrollmentAuthority::enroll_registrar(
    const MultipartForm& form, WallTime now) {
  // Looked at first: nothing is claimed for a request that cannot be granted as a whole.
  const auto request = read_request(form, "registrar-csr");
  if (const auto token = authenticate(form, now); !token) return std::unexpected(token.error());
  if (!request) return std::unexpected(request.error());
  auto enrolled = enroll(form, now);
  if (!enrolled) return std::unexpected(enrolled.error());
  auto ca = security::certify_registrar(parts_.root,
                                        {.overlay_name = parts_.overlay_name,
                                         .node_id = enrolled->node_id,
                                         .email_domains = parts_.domains,
                                         .lifetime = parts_.lifetime},
                                        request->key(), now, parts_.random);
  if (!ca) return not_now(ca.error());
  return Registrar{*std::move(enrolled), *std::move(ca)};
}

std::expected<Renewed, Refusal> EnrollmentAuthority::renew(const MultipartForm& form,
                                                           const security::TrustAnchors& anchors,
                                                           WallTime now) {
  return app::renew(form, {parts_.root, anchors, parts_.domains, parts_.lifetime, parts_.random},
                    now);
}

std::expected<NodeId, Refusal> EnrollmentAuthority::settle(const Token& token,
                                                           const Sha256Digest& key,
                                                           const RingView& ring, WallTime now) {
  auto claims = parts_.overlay.claims(token.id());
  if (!claims) return not_now(claims.error());
  if (claims->empty()) {
    const Claim mine{key, choose(ring, now)};
    const auto lifetime = std::chrono::duration_cast<seconds>(token.expires() - now) + claim_margin;
    if (const auto kept = parts_.overlay.add_claim(token.id(), mine, lifetime); !kept) {
      return not_now(kept.error());
    }
    // Another server may have done the same at the same moment; then neither may go on.
    claims = parts_.overlay.claims(token.id());
    if (!claims) return not_now(claims.error());
    if (claims->empty()) {
      return not_now({ErrorCode::not_found, "token", "what was stored is not found"});
    }
  }
  const auto& first = claims->front();
  const bool same = std::ranges::all_of(*claims, [&](const Claim& one) { return one == first; });
  if (!same || first.key != key) {
    return refuse("failed_authentication", "token: has been used already");
  }
  return first.node_id;
}

NodeId EnrollmentAuthority::choose(const RingView& ring, WallTime now) {
  // Who was seen in the ring once is known from there: it may leave again.
  std::erase_if(recent_, [&](const auto& one) {
    return one.second + recent_for < now ||
           std::ranges::find(ring.peers, one.first) != ring.peers.end();
  });
  auto present = ring.peers;
  for (const auto& [node, when] : recent_)
    present.push_back(node);
  std::ranges::sort(present);
  const auto doubles = std::ranges::unique(present);
  present.erase(doubles.begin(), doubles.end());
  const auto chosen = topology::choose_node_id(present, parts_.random);
  recent_.emplace_back(chosen, now);
  return chosen;
}

}  // namespace carillon::app
