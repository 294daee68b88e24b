#include "sip/digest_client.hpp"

#include <algorithm>
#include <utility>

#include "sip/digest.hpp"
#include "sip/params.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

/// name=value, each name once, quotes taken off; nothing if it is anything else.
std::optional<Params> challenge_params(std::string_view rest) {
  Params params;
  while (!rest.empty()) {
    auto value = next_item(rest, ',');
    if (value.empty()) continue;
    const auto name = next_item(value, '=');
    value = trim(value);
    const bool open = value.starts_with('"') && (value.size() < 2 || !value.ends_with('"'));
    if (!is_token(name) || open || find_param(params, name) != nullptr) return std::nullopt;
    params.push_back({std::string{name}, unquoted(value)});
  }
  return params;
}

bool offers_auth(std::string_view qop) {
  while (!qop.empty()) {
    if (iequals(next_item(qop, ','), "auth")) return true;
  }
  return false;
}

}  // namespace

Result<DigestChallenge> DigestChallenge::parse(std::string_view header) {
  const auto unusable = [](const char* detail) {
    return fail(ErrorCode::malformed, "challenge", detail);
  };
  header = trim(header);
  const auto scheme = header.substr(0, header.find_first_of(" \t"));
  if (!iequals(scheme, "Digest")) return unusable("not Digest");
  const auto params = challenge_params(header.substr(scheme.size()));
  if (!params) return unusable("syntax");
  DigestChallenge out;
  out.algorithm_text = param_value(*params, "algorithm");
  const auto algorithm = digest_algorithm(out.algorithm_text);
  if (!algorithm) return unusable("an algorithm that is not known");
  out.algorithm = *algorithm;
  out.realm = param_value(*params, "realm");
  out.nonce = param_value(*params, "nonce");
  if (out.nonce.empty() || find_param(*params, "realm") == nullptr) {
    return unusable("nonce or realm is missing");
  }
  if (const auto* opaque = find_param(*params, "opaque")) out.opaque = opaque->value;
  out.with_qop = find_param(*params, "qop") != nullptr;
  if (out.with_qop && !offers_auth(param_value(*params, "qop")))
    return unusable("qop without auth");
  out.stale = iequals(param_value(*params, "stale"), "true");
  return out;
}

std::optional<DigestChallenge> strongest_challenge(const SipMessage& response) {
  const bool proxy = response.status() == 407;
  const auto asked = proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate;
  std::optional<DigestChallenge> best;
  for (std::size_t i = 0; i < response.count(asked); ++i) {
    auto challenge = DigestChallenge::parse(response.header(asked, i));
    if (!challenge || (best && best->algorithm >= challenge->algorithm)) continue;
    best = *std::move(challenge);
    best->answer = proxy ? HeaderId::proxy_authorization : HeaderId::authorization;
  }
  return best;
}

std::string digest_answer(const DigestChallenge& challenge, const Login& login,
                          std::string_view method, std::string_view uri, std::string_view cnonce) {
  DigestCredentials credentials;
  credentials.nonce = challenge.nonce;
  credentials.uri = uri;
  if (challenge.with_qop) {
    credentials.qop = "auth";
    credentials.nonce_count = "00000001";
    credentials.cnonce = cnonce;
  }
  const auto ha1 = digest_ha1(challenge.algorithm, login.username, challenge.realm, login.password);
  std::string out{"Digest username="};
  out.append(in_quotes(login.username)).append(", realm=").append(in_quotes(challenge.realm));
  out.append(", nonce=").append(in_quotes(challenge.nonce)).append(", uri=").append(in_quotes(uri));
  out.append(", response=\"");
  out.append(digest_response(challenge.algorithm, ha1, credentials, method)).append("\"");
  if (!challenge.algorithm_text.empty())
    out.append(", algorithm=").append(digest_name(challenge.algorithm));
  if (challenge.with_qop) {
    out.append(", cnonce=").append(in_quotes(cnonce)).append(", qop=auth, nc=");
    out.append(credentials.nonce_count);
  }
  if (challenge.opaque) out.append(", opaque=").append(in_quotes(*challenge.opaque));
  return out;
}

}  // namespace carillon::sip
