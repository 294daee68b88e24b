#include "security/chain_verifier.hpp"

#include <algorithm>

#include <openssl/x509_vfy.h>

#include "base/hash.hpp"
#include "security/certificate_names.hpp"
#include "security/openssl.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::security {
namespace {

std::unexpected<Error> bad_chain(std::string detail) {
  return fail(ErrorCode::bad_certificate, "certificate chain", std::move(detail));
}

using StoreContext = std::unique_ptr<X509_STORE_CTX, openssl::Release<X509_STORE_CTX_free>>;
// The stack borrows its elements: only the stack itself is freed.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

/// What every path must have, root or not: a registrar's CA speaks for its own node only, and for
/// the e-mail domains that enrollment gave it (DESIGN.md, 'Identity').
Result<void> check_issuer(const Certificate& issuer, const Certificate& leaf) {
  if (!issuer.is_ca()) return bad_chain("an issuer is no CA");
  if (issuer.node_ids().empty()) return {};
  if (issuer.overlay_name() != leaf.overlay_name())
    return bad_chain("the issuer is of another overlay");
  if (issuer.node_ids().size() != 1 || leaf.node_ids() != issuer.node_ids()) {
    return bad_chain("names another Node-ID than the registrar that issued it");
  }
  if (issuer.email_domains().empty()) {
    return bad_chain("the registrar that issued it is not held to e-mail domains");
  }
  return {};
}

/// For people who wonder whether it is the certificate that is wrong, or the clock.
std::string about_the_time(const Certificate& certificate, WallTime now) {
  const auto text = [](auto span) {
    return std::to_string(std::chrono::ceil<seconds>(span).count()) + " s; is the clock right?";
  };
  if (now < certificate.not_before()) {
    return ", for another " + text(certificate.not_before() - now);
  }
  if (certificate.not_after() < now) return ", for " + text(now - certificate.not_after());
  return {};
}

bool is_well_formed(const Certificate& certificate) {
  return certificate.native() != nullptr &&
         (X509_get_extension_flags(certificate.native()) & EXFLAG_INVALID) == 0;
}

}  // namespace

struct ChainVerifier::Store {
  std::unique_ptr<X509_STORE, openssl::Release<X509_STORE_free>> roots{X509_STORE_new()};
  std::unique_ptr<X509_VERIFY_PARAM, openssl::Release<X509_VERIFY_PARAM_free>> rules{
      X509_VERIFY_PARAM_new()};
};

ChainVerifier::ChainVerifier(TrustAnchors anchors, std::size_t capacity)
    : cache_(capacity), siblings_(sibling_capacity) {
  set_anchors(std::move(anchors));
}
ChainVerifier::~ChainVerifier() = default;
ChainVerifier::ChainVerifier(ChainVerifier&&) noexcept = default;
ChainVerifier& ChainVerifier::operator=(ChainVerifier&&) noexcept = default;

void ChainVerifier::set_anchors(TrustAnchors anchors) {
  anchors_ = std::move(anchors);
  forget();
  store_ = std::make_unique<Store>();
  for (const auto& root : anchors_.roots) {
    if (root->native() != nullptr) X509_STORE_add_cert(store_->roots.get(), root->native());
  }
  // OpenSSL counts the certificates between leaf and root.
  X509_VERIFY_PARAM_set_depth(store_->rules.get(), static_cast<int>(max_chain_length) - 2);
  X509_VERIFY_PARAM_set_purpose(store_->rules.get(), X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_auth_level(store_->rules.get(), 1);
  // Enrollment hands out one certificate, so a root-cert may be an intermediate (NOTES on 11.3).
  // A self-signed certificate's own signature is what binds its user name to its key.
  X509_VERIFY_PARAM_set_flags(store_->rules.get(),
                              X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CHECK_SS_SIGNATURE);
  openssl::clear_errors();
}

Result<std::shared_ptr<const VerifiedChain>> ChainVerifier::verify(
    const CertificatePtr& certificate, std::span<const CertificatePtr> candidates, WallTime now) {
  if (const auto* known = cache_.get(certificate->digest())) {
    const VerifiedChain& chain = **known;
    if (chain.valid_from <= now && now < chain.valid_until + seconds{1}) return *known;
    cache_.erase(certificate->digest());
  }
  if (auto good = check_identity(*certificate); !good) return std::unexpected(good.error());
  const Issuers* issuers = find_sibling(*certificate, now);
  if (issuers == nullptr) {
    auto built = build(certificate, candidates, now);
    if (!built) return std::unexpected(built.error());
    issuers = &siblings_.put(certificate->frame_digest(), *std::move(built));
  }
  return cache_.put(certificate->digest(),
                    std::make_shared<const VerifiedChain>(
                        certificate, issuers->intermediates,
                        std::max(certificate->not_before(), issuers->valid_from),
                        std::min(certificate->not_after(), issuers->valid_until)));
}

void ChainVerifier::forget() {
  cache_.clear();
  siblings_.clear();
}

const ChainVerifier::Issuers* ChainVerifier::find_sibling(const Certificate& certificate,
                                                          WallTime now) {
  const Issuers* issuers = siblings_.get(certificate.frame_digest());
  // One registrar's CA below a root without constraints: then these checks are all there is.
  if (issuers == nullptr || issuers->intermediates.size() != 1) return nullptr;
  const Certificate& ca = *issuers->intermediates.front();
  const auto unconstrained = [](const CertificatePtr& root) {
    return root->name_constraints() == Certificate::NameConstraints::none;
  };
  const bool good =
      ca.name_constraints() == Certificate::NameConstraints::email_only &&
      std::ranges::all_of(anchors_.roots, unconstrained) && check_issuer(ca, certificate) &&
      certificate.valid_at(now) && issuers->valid_from <= now &&
      now < issuers->valid_until + seconds{1} &&
      is_permitted_email(ca.email_domains(), certificate.user_name()) &&
      OpensslVerifier().verify(ca.public_key(), certificate.tbs(), certificate.signature());
  return good ? issuers : nullptr;  // If not, `build` tells why, or knows better.
}

Result<void> ChainVerifier::check_identity(const Certificate& certificate) const {
  if (certificate.is_ca()) return bad_chain("a CA's certificate is not a node's");
  if (!certificate.may_sign()) return bad_chain("its keyUsage does not allow signatures");
  if (certificate.node_ids().empty()) return bad_chain("no Node-ID in it");
  if (certificate.user_name().empty()) return bad_chain("no rfc822Name in it");
  if (certificate.overlay_name() != anchors_.overlay_name) {
    return bad_chain("made for the overlay \"" + certificate.overlay_name() + "\"");
  }
  for (const auto& id : certificate.node_ids()) {
    if (anchors_.bad_nodes.contains(id)) return bad_chain("its Node-ID is a bad-node");
  }
  return {};
}

Result<void> ChainVerifier::check_self_signed(const Certificate& certificate) const {
  const Bytes key = certificate.public_key().to_der();
  const bool several = certificate.node_ids().size() > 1;
  std::uint32_t index = 0;
  for (const auto& id : certificate.node_ids()) {
    Bytes input;
    ++index;
    for (int shift = 24; several && shift >= 0; shift -= 8) {
      input.push_back(static_cast<std::uint8_t>(index >> shift));
    }
    append(input, key);
    NodeId::Octets high{};
    if (anchors_.self_signed == SelfSignedDigest::sha1) {
      std::ranges::copy_n(sha1(input).begin(), NodeId::size, high.begin());
    } else {
      std::ranges::copy_n(sha256(input).begin(), NodeId::size, high.begin());
    }
    if (id != NodeId{high})
      return bad_chain("self-signed, and its Node-ID is not its key's digest");
  }
  return {};
}

Result<ChainVerifier::Issuers> ChainVerifier::build(const CertificatePtr& certificate,
                                                    std::span<const CertificatePtr> candidates,
                                                    WallTime now) const {
  const bool self_signed = certificate->is_self_signed() && anchors_.self_signed.has_value();
  if (self_signed) {
    if (auto good = check_self_signed(*certificate); !good) return std::unexpected(good.error());
  }
  if (!is_well_formed(*certificate)) return bad_chain("OpenSSL cannot make sense of it");
  candidates = candidates.first(std::min(candidates.size(), max_candidates));
  const Stack untrusted{sk_X509_new_null()};
  for (const auto& candidate : candidates) {
    if (candidate->is_ca() && is_well_formed(*candidate)) {
      sk_X509_push(untrusted.get(), candidate->native());
    }
  }
  const Stack itself{sk_X509_new_null()};
  sk_X509_push(itself.get(), certificate->native());
  const StoreContext context{X509_STORE_CTX_new()};
  if (!context || X509_STORE_CTX_init(context.get(), store_->roots.get(), certificate->native(),
                                      untrusted.get()) != 1) {
    return fail(ErrorCode::io, "certificate chain", openssl::take_error());
  }
  if (self_signed) X509_STORE_CTX_set0_trusted_stack(context.get(), itself.get());
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set1(rules, store_->rules.get());
  X509_VERIFY_PARAM_set_time(rules,
                             std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
  const int verified = X509_verify_cert(context.get());
  openssl::clear_errors();
  if (verified != 1) {
    return bad_chain(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())) +
                     about_the_time(*certificate, now));
  }
  Issuers issuers;
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 1; i < sk_X509_num(path); ++i) {
    const X509* native = sk_X509_value(path, i);
    const auto is_it = [native](const CertificatePtr& each) { return each->native() == native; };
    const auto root = std::ranges::find_if(anchors_.roots, is_it);
    const auto intermediate = std::ranges::find_if(candidates, is_it);
    const bool at_root = root != anchors_.roots.end();
    if (!at_root && intermediate == candidates.end()) return bad_chain("an issuer from nowhere");
    const CertificatePtr& issuer = at_root ? *root : *intermediate;
    if (auto good = check_issuer(*issuer, *certificate); !good) {
      return std::unexpected(good.error());
    }
    issuers.valid_from = std::max(issuers.valid_from, issuer->not_before());
    issuers.valid_until = std::min(issuers.valid_until, issuer->not_after());
    if (!at_root) issuers.intermediates.push_back(issuer);
  }
  return issuers;
}

}  // namespace carillon::security
