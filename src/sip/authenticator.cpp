#include "sip/authenticator.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// "alice" or "alice@example.org" as the AOR; nothing for a user of another domain.
std::optional<std::string> user_aor(std::string_view username, std::string_view realm) {
  const auto at = username.rfind('@');
  if (at == std::string_view::npos) return std::string{username}.append("@").append(realm);
  if (!iequals(username.substr(at + 1), realm)) return std::nullopt;
  return std::string{username.substr(0, at)}.append("@").append(realm);
}

/// Phones that give up when any of the challenges wants more than MD5, even if another doesn't:
/// baresip as long as its library knew only MD5, Debian bookworm's among them; in browsers JsSIP
/// and SIP.js, which know only MD5 and read only the last challenge.
bool gives_up_on_sha256(const SipMessage& request) {
  if (request.header(HeaderId::via).starts_with("SIP/2.0/WS")) return true;
  const auto agent = request.header(HeaderId::user_agent);
  return agent.starts_with("baresip v0.") || agent.starts_with("baresip v1.");
}

}  // namespace

Authenticator::Authenticator(CoreContext& context, CredentialService& credentials)
    : context_(context),
      service_(credentials),
      nonces_(context.random, context.options.nonce_lifetime, context.options.limits.nonces) {}

std::optional<DigestCredentials> Authenticator::credentials(const SipMessage& request,
                                                            HeaderId header,
                                                            std::string_view realm) {
  // A request may carry some for other proxies too (22.3).
  for (std::size_t i = 0; i < request.count(header); ++i) {
    auto credentials = DigestCredentials::parse(request.header(header, i));
    if (credentials && iequals(credentials->realm, realm)) return *std::move(credentials);
  }
  return std::nullopt;
}

bool Authenticator::offers(DigestAlgorithm algorithm) const {
  return std::ranges::find(context_.options.digests, algorithm) != context_.options.digests.end();
}

bool Authenticator::nonce_is_good(const DigestCredentials& credentials) const {
  return nonces_.check(credentials.nonce, context_.now.monotonic).has_value();
}

void Authenticator::authenticate(DigestCredentials credentials, std::string_view method,
                                 std::string_view realm, seconds max_age, UserQuestion question,
                                 Done done) {
  auto user = user_aor(credentials.username, realm);
  const auto algorithm = digest_algorithm(credentials.algorithm);
  // What we do not take is not worth a lookup.
  if (!user || !algorithm || !offers(*algorithm)) {
    return done({AuthVerdict::Kind::challenge, {}});
  }
  Attempt attempt{std::move(credentials), std::string{method}, *std::move(user)};
  if (const auto known = service_.cached(attempt.user, max_age)) {
    auto verdict = judge(attempt, *known);
    // The password may have changed since: only a fresh answer refuses.
    if (verdict.kind != AuthVerdict::Kind::challenge) return done(std::move(verdict));
  } else if (!nonce_is_good(attempt.credentials)) {
    // A phone that knew us before we restarted must not be told that its password is wrong; and
    // whoever makes nonces up shall not cost us a lookup.
    return done({AuthVerdict::Kind::stale, std::move(attempt.user)});
  }
  find(std::move(attempt), &Authenticator::judge, question, std::move(done));
}

void Authenticator::confirm(DigestCredentials credentials, std::string_view method,
                            std::string_view realm, UserQuestion question, Done done) {
  auto user = user_aor(credentials.username, realm);
  if (!user) return done({AuthVerdict::Kind::challenge, {}});
  Attempt attempt{std::move(credentials), std::string{method}, *std::move(user)};
  if (const auto known = service_.cached(attempt.user, context_.options.credential_age)) {
    return done(judge_again(attempt, *known));
  }
  find(std::move(attempt), &Authenticator::judge_again, question, std::move(done));
}

void Authenticator::find(Attempt attempt, Judge verdict, UserQuestion question, Done done) {
  auto name = attempt.user;
  service_.find(
      std::move(name), question,
      [this, alive = std::weak_ptr{context_.alive}, attempt = std::move(attempt), verdict,
       done = std::move(done)](Result<FoundUser> found) mutable {
        if (alive.expired()) return;
        if (found) {
          auto judged = (this->*verdict)(attempt, found->credential);
          judged.fresh = true;
          judged.guessed =
              judged.kind == AuthVerdict::Kind::challenge && nonce_is_good(attempt.credentials);
          judged.located = std::move(found->located);
          return done(std::move(judged));
        }
        const bool unknown = found.error().code == ErrorCode::not_found;
        done({.kind = unknown ? AuthVerdict::Kind::unknown_user : AuthVerdict::Kind::unavailable,
              .user = attempt.user,
              .guessed = unknown && nonce_is_good(attempt.credentials)});
      });
}

AuthVerdict Authenticator::judge_again(const Attempt& attempt, const Credential& known) {
  if (!digest_fits(attempt.credentials, known, attempt.method)) {
    return {AuthVerdict::Kind::challenge, {}};
  }
  return {AuthVerdict::Kind::accepted, attempt.user};
}

AuthVerdict Authenticator::judge(const Attempt& attempt, const Credential& known) {
  if (!digest_fits(attempt.credentials, known, attempt.method)) {
    return {AuthVerdict::Kind::challenge, {}};
  }
  const auto serial = nonces_.check(attempt.credentials.nonce, context_.now.monotonic);
  if (!serial) return {AuthVerdict::Kind::stale, attempt.user};
  std::optional<std::uint32_t> count;
  if (!attempt.credentials.qop.empty()) {
    count = attempt.credentials.count();
    if (!count) return {AuthVerdict::Kind::challenge, {}};
  }
  if (!nonces_.use(*serial, count)) return {AuthVerdict::Kind::stale, attempt.user};
  return {AuthVerdict::Kind::accepted, attempt.user};
}

SipMessage Authenticator::challenge(const SipMessage& request, HeaderId header,
                                    std::string_view realm, bool stale, std::string_view to_tag) {
  ++context_.counters.challenges;
  const bool proxy = header == HeaderId::proxy_authorization;
  auto response = make_response(request, proxy ? 407 : 401, {}, to_tag);
  const auto nonce = nonces_.make(context_.now.monotonic);
  const auto name = proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate;
  const bool only_md5 = gives_up_on_sha256(request) && offers(DigestAlgorithm::md5);
  for (const auto algorithm : context_.options.digests) {
    if (only_md5 && algorithm != DigestAlgorithm::md5) continue;
    response.append(name, digest_challenge(algorithm, realm, nonce, stale));
  }
  return response;
}

}  // namespace carillon::sip
