#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/bounded_cache.hpp"
#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "security/seal.hpp"
#include "sip/credential_service.hpp"

namespace carillon::usage {

struct CredentialOptions {
  /// How long `cached` gives an answer: so long may a removed user or an old password still be
  /// good at peers other than the one that was told.
  seconds cache_for{60};
  /// How long `find` repeats an answer, "no such user" included, without asking the overlay.
  seconds repeat_for{5};
  std::size_t cache_capacity{150'000};
  /// Of the stored value; the certificate that signs it ends it earlier. It is stored anew when
  /// less than half of what it got is left.
  seconds lifetime{30LL * 86'400};
  /// Between two walks through all users that look for values to be stored anew, give or take a
  /// quarter; and the pause between two users of a walk.
  milliseconds renewal_interval{std::chrono::hours{24}};
  milliseconds renewal_pause{50};
};

/// Some users, in the order of the ring.
struct UserPage {
  std::vector<std::string> aors{};
  std::optional<ResourceId> next{};  ///< Where to go on; nothing: these were the last.
};

/// The users' credentials, kept in the overlay (Kind carillon_credential at the AOR), sealed with
/// the operator's key, so that only the operator's peers can read them.
///
/// Any of them can sign for any user, so each keeps the values of all alive: what it meets with
/// less than half of its life left, it stores anew.
class UserCredentials final : public sip::CredentialService {
 public:
  /// What is referred to must outlive this. `random`: cryptographic. `timers` is run by whoever
  /// calls `handle_time`.
  UserCredentials(Overlay& overlay, security::OperatorKey key, Random& random, TimerQueue& timers,
                  CredentialOptions options = {}, NoticeSink notices = {});
  ~UserCredentials() override;
  UserCredentials(const UserCredentials&) = delete;
  UserCredentials& operator=(const UserCredentials&) = delete;

  /// Call before other input.
  void handle_time(Now now) { now_ = now; }
  /// Starts to look after the values of all users, now and then. Call once joined.
  void start_renewal();
  void stop_renewal();

  /// Adds a user, or changes the password. `invalid_argument` if `aor` is none; `forbidden` if it
  /// is not of this overlay's domains; other errors as of Overlay::store.
  void add(std::string aor, std::string_view password, sip::Handler<void> done);
  /// `not_found` if there is no such user.
  void remove(std::string aor, sip::Handler<void> done);
  /// At most `max_users`, from the page before's `next` on. Walks through the overlay: for people.
  void list(std::optional<ResourceId> from, std::size_t max_users, sip::Handler<UserPage> done);

  [[nodiscard]] std::optional<sip::Credential> cached(std::string_view aor) override;
  void find(std::string aor, sip::Handler<sip::Credential> done) override;

 private:
  struct Cached {
    std::optional<sip::Credential> credential;  ///< Nothing: no such user.
    MonotonicTime asked{};
  };
  struct Walk;

  void put(const std::string& aor, const sip::Credential& credential, sip::Handler<void> done);
  void found(const std::string& aor, Result<LookupReport> report);
  /// The credential in a value that was found; renews the value if it is old.
  [[nodiscard]] Result<sip::Credential> read(const std::string& aor, const FoundValue& value);
  void walk_on(std::shared_ptr<Walk> walk);
  void schedule_renewal(milliseconds pause);
  void renew_next(ResourceId from);

  Overlay& overlay_;
  security::OperatorKey key_;
  Random& random_;
  TimerQueue& timers_;
  CredentialOptions options_;
  NoticeSink notices_;
  Now now_{};
  BoundedCache<std::string, Cached> cache_;
  /// Who waits for one lookup of an AOR.
  std::map<std::string, std::vector<sip::Handler<sip::Credential>>, std::less<>> waiting_;
  TimerId renewal_timer_{TimerId::none};
};

}  // namespace carillon::usage
