#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/bounded_cache.hpp"
#include "base/hash.hpp"
#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "security/seal.hpp"
#include "sip/credential_service.hpp"
#include "usage/liveness.hpp"

namespace carillon::usage {

struct CredentialOptions {
  /// How long `find` repeats an answer, "no such user" included, without asking the overlay.
  seconds repeat_for{5};
  std::size_t cache_capacity{100'000};
  /// Of the stored value; the certificate that signs it ends it earlier. It is stored anew when
  /// less than half of what it got is left.
  seconds lifetime{30LL * 86'400};
  /// What is asked for and waits; more are refused with `busy`.
  std::size_t max_waiting{10'000};
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
  /// Adds a user whose digests are known, e.g. from a backup. Errors as of `add`.
  void restore(std::string aor, const sip::Credential& credential, sip::Handler<void> done);
  /// `not_found` if there is no such user.
  void remove(std::string aor, sip::Handler<void> done);
  /// At most `max_users`, from the page before's `next` on. Walks through the overlay: for people.
  void list(std::optional<ResourceId> from, std::size_t max_users, sip::Handler<UserPage> done);

  [[nodiscard]] std::optional<sip::Credential> cached(std::string_view aor,
                                                      seconds max_age) override;
  void find(std::string aor, sip::UserQuestion question,
            sip::Handler<sip::FoundUser> done) override;

 private:
  struct Cached {
    std::optional<sip::Credential> credential;  ///< Nothing: no such user.
    MonotonicTime asked{};
  };
  /// Who waits for one lookup of an AOR.
  using Waiting = std::vector<sip::Handler<sip::FoundUser>>;
  struct Walk {
    UserPage page{};
    std::size_t max_users{};
    sip::Handler<UserPage> done{};
  };

  void put(const std::string& aor, const sip::Credential& credential, sip::Handler<void> done);
  void answer(const std::string& aor, sip::UserQuestion question, MonotonicTime asked,
              const Result<LookupReport>& report);
  void remember(const std::string& aor, std::optional<sip::Credential> credential,
                MonotonicTime asked);
  [[nodiscard]] static const FoundValue* sealed_in(const LookupReport& report);
  [[nodiscard]] Result<sip::Credential> open(const std::string& aor, const LookupReport& report);
  /// Stores a value anew if less than half of its life is left.
  void renew_if_old(const std::string& aor, const FoundValue& value,
                    const sip::Credential& credential);
  /// The place and value of the first user at or after `from`; nothing after the last.
  struct Met {
    ResourceId place{};
    LookupReport report{};
  };
  void meet_next(const ResourceId& from, sip::Handler<std::optional<Met>> done);
  void list_on(std::shared_ptr<Walk> walk, const ResourceId& from);
  void schedule_renewal(milliseconds pause, std::optional<ResourceId> from);
  void renew_next(const ResourceId& from);

  Overlay& overlay_;
  security::OperatorKey key_;
  Random& random_;
  TimerQueue& timers_;
  CredentialOptions options_;
  NoticeSink notices_;
  Now now_{};
  /// By the SHA-1 of the AOR, which is shorter than most AORs are in memory.
  BoundedCache<Sha1Digest, Cached, DigestHash> cache_;
  std::map<std::string, Waiting, std::less<>> waiting_;
  bool renewing_{false};
  TimerId renewal_timer_{TimerId::none};
  Liveness liveness_;
};

}  // namespace carillon::usage
