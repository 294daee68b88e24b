#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/credential_service.hpp"
#include "sip/digest.hpp"
#include "sip/nonces.hpp"
#include "sip/sip_message.hpp"

namespace carillon::sip {

/// What became of the credentials of a request.
struct AuthVerdict {
  enum class Kind : std::uint8_t {
    accepted,      ///< `user` has proved that he knows the password.
    challenge,     ///< None for our realm, or wrong: ask (again).
    stale,         ///< Right, but the nonce is too old or was replayed: ask again with stale=true.
    unknown_user,  ///< There is no such user.
    unavailable,   ///< The credentials cannot be fetched now.
  };
  Kind kind{};
  std::string user{};  ///< "alice@example.org"
  /// Wrong, though the nonce was ours: somebody tries passwords. (No name may be the right one.)
  bool guessed{false};
  bool fresh{false};  ///< What is known of the user has just been asked for;
  /// and so were the user's bindings, which came with it (UserQuestion).
  std::optional<std::vector<LocatedBinding>> located{};
};

/// Digest authentication of requests (RFC 3261, 22; RFC 7616; RFC 8760).
class Authenticator {
 public:
  using Done = std::move_only_function<void(AuthVerdict)>;

  Authenticator(CoreContext& context, CredentialService& credentials);

  /// The request's credentials for `realm`; `header` is Authorization or Proxy-Authorization.
  /// Without, a challenge can be sent that leaves nothing behind.
  [[nodiscard]] static std::optional<DigestCredentials> credentials(const SipMessage& request,
                                                                    HeaderId header,
                                                                    std::string_view realm);

  /// Whether they are right, by what we have known of the user for `max_age` at most. `done` runs
  /// inside the call if the answer is known, else later; `question` is what is then asked.
  void authenticate(DigestCredentials credentials, std::string_view method, std::string_view realm,
                    seconds max_age, UserQuestion question, Done done);
  /// The same once more for a request that was accepted, by what is known now: it turned out to
  /// change something. Its nonce is not looked at again.
  void confirm(DigestCredentials credentials, std::string_view method, std::string_view realm,
               UserQuestion question, Done done);

  /// A 401 or 407 (by `header`) with a challenge for each algorithm of the options.
  [[nodiscard]] SipMessage challenge(const SipMessage& request, HeaderId header,
                                     std::string_view realm, bool stale, std::string_view to_tag);

 private:
  struct Attempt {
    DigestCredentials credentials;
    std::string method;
    std::string user;
  };
  using Judge = AuthVerdict (Authenticator::*)(const Attempt& attempt, const Credential& known);
  [[nodiscard]] AuthVerdict judge(const Attempt& attempt, const Credential& known);
  [[nodiscard]] AuthVerdict judge_again(const Attempt& attempt, const Credential& known);
  void find(Attempt attempt, Judge verdict, UserQuestion question, Done done);
  [[nodiscard]] bool offers(DigestAlgorithm algorithm) const;
  [[nodiscard]] bool nonce_is_good(const DigestCredentials& credentials) const;

  CoreContext& context_;
  CredentialService& service_;
  Nonces nonces_;
};

}  // namespace carillon::sip
