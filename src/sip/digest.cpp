#include "sip/digest.hpp"

#include "base/constant_time.hpp"
#include "base/hex.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

std::string hash_hex(DigestAlgorithm algorithm, std::string_view text) {
  switch (algorithm) {
    case DigestAlgorithm::md5:
      return to_hex(md5(as_bytes(text)));
    case DigestAlgorithm::sha256:
      return to_hex(sha256(as_bytes(text)));
    case DigestAlgorithm::sha512_256:
      return to_hex(sha512_256(as_bytes(text)));
  }
  return {};
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  out.reserve(256);
  for (const auto part : parts) {
    if (!out.empty()) out += ':';
    out += part;
  }
  return out;
}

}  // namespace

Credential make_credential(std::string_view aor, std::string_view password) {
  const auto at = aor.rfind('@');
  const auto user = aor.substr(0, at);
  const auto realm = at == std::string_view::npos ? std::string_view{} : aor.substr(at + 1);
  // Not through joined(), which would leave out the colon after an empty user.
  const auto plain = std::string{user}.append(":").append(realm).append(":").append(password);
  const auto full = std::string{aor}.append(":").append(realm).append(":").append(password);
  return {sha256(as_bytes(plain)), md5(as_bytes(plain)),        sha256(as_bytes(full)),
          md5(as_bytes(full)),     sha512_256(as_bytes(plain)), sha512_256(as_bytes(full))};
}

std::string_view digest_name(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::md5:
      return "MD5";
    case DigestAlgorithm::sha256:
      return "SHA-256";
    case DigestAlgorithm::sha512_256:
      return "SHA-512-256";
  }
  return {};
}

std::optional<DigestAlgorithm> digest_algorithm(std::string_view name) {
  if (name.empty() || iequals(name, "MD5")) return DigestAlgorithm::md5;
  if (iequals(name, "SHA-256")) return DigestAlgorithm::sha256;
  if (iequals(name, "SHA-512-256")) return DigestAlgorithm::sha512_256;
  return std::nullopt;
}

std::string digest_ha1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                       std::string_view password) {
  return hash_hex(algorithm,
                  std::string{username}.append(":").append(realm).append(":").append(password));
}

std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1,
                            const DigestCredentials& credentials, std::string_view method) {
  const auto ha2 = hash_hex(algorithm, joined({method, credentials.uri}));
  if (credentials.qop.empty()) return hash_hex(algorithm, joined({ha1, credentials.nonce, ha2}));
  return hash_hex(algorithm, joined({ha1, credentials.nonce, credentials.nonce_count,
                                     credentials.cnonce, credentials.qop, ha2}));
}

bool digest_fits(const DigestCredentials& credentials, const Credential& known,
                 std::string_view method) {
  const auto algorithm = digest_algorithm(credentials.algorithm);
  if (!algorithm) return false;
  if (!credentials.qop.empty() && credentials.qop != "auth") return false;
  const bool with_domain = credentials.username.find('@') != std::string::npos;
  std::string ha1;
  switch (*algorithm) {
    case DigestAlgorithm::md5:
      ha1 = to_hex(with_domain ? known.ha1_md5_with_domain : known.ha1_md5);
      break;
    case DigestAlgorithm::sha256:
      ha1 = to_hex(with_domain ? known.ha1_sha256_with_domain : known.ha1_sha256);
      break;
    case DigestAlgorithm::sha512_256:
      if (known.ha1_sha512_256 == Sha256Digest{}) return false;
      ha1 = to_hex(with_domain ? known.ha1_sha512_256_with_domain : known.ha1_sha512_256);
      break;
  }
  return equal_in_constant_time(as_bytes(digest_response(*algorithm, ha1, credentials, method)),
                                as_bytes(lower_case(credentials.response)));
}

std::string digest_challenge(DigestAlgorithm algorithm, std::string_view realm,
                             std::string_view nonce, bool stale) {
  std::string out;
  out.reserve(160);
  out.append("Digest realm=\"").append(realm).append("\", nonce=\"").append(nonce);
  out.append("\", algorithm=").append(digest_name(algorithm));
  out.append(", qop=\"auth\"");
  if (stale) out.append(", stale=true");
  return out;
}

}  // namespace carillon::sip
