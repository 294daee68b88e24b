#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "sip/location_service.hpp"

namespace carillon::sip {

/// What a server keeps of a user's password: HA1 = H(username ":" realm ":" password)
/// (RFC 7616, 3.4.2), the realm being the user's domain. Phones differ in what they give as
/// username: "alice" or "alice@example.org"; hence both.
struct Credential {
  Sha256Digest ha1_sha256{};
  Md5Digest ha1_md5{};
  Sha256Digest ha1_sha256_with_domain{};
  Md5Digest ha1_md5_with_domain{};
  /// All zero: not known, of users who were added by an older version.
  Sha256Digest ha1_sha512_256{};
  Sha256Digest ha1_sha512_256_with_domain{};

  friend bool operator==(const Credential&, const Credential&) = default;
};

/// `aor` is "alice@example.org"; without '@' the realm is empty.
[[nodiscard]] Credential make_credential(std::string_view aor, std::string_view password);

/// What is wanted of a user: a REGISTER that changes something needs both, in one question.
enum class UserQuestion : std::uint8_t { credential, credential_and_bindings };

struct FoundUser {
  Credential credential{};
  /// As LocationService::lookup finds them, if they were asked for and came with the same answer.
  std::optional<std::vector<LocatedBinding>> located{};
};

/// The users and their credentials. `aor` is always canonical: "alice@example.org".
class CredentialService {
 public:
  virtual ~CredentialService() = default;

  /// What was learnt not longer than `max_age` ago, without asking anyone: a refresh must not cost
  /// a lookup. The implementation keeps a bounded cache. Nothing: ask `find`.
  [[nodiscard]] virtual std::optional<Credential> cached(std::string_view aor, seconds max_age) = 0;

  /// Asks, past the cache (it is called when a digest does not fit what was cached), except that
  /// an answer of the last few seconds may be given again: guessers must cost us little.
  /// `not_found`: there is no such user; other errors: not known now, retry later.
  virtual void find(std::string aor, UserQuestion question, Handler<FoundUser> done) = 0;
};

}  // namespace carillon::sip
