#include "usage/credentials/user_credentials.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "usage/credentials/sealed_credential.hpp"
#include "usage/sip/peer_entries.hpp"

namespace carillon::usage {

namespace {

bool is_aor(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

std::unexpected<Error> no_such_user(const std::string& aor) {
  return fail(ErrorCode::not_found, "user", aor);
}

}  // namespace

UserCredentials::UserCredentials(Overlay& overlay, security::OperatorKey key, Random& random,
                                 TimerQueue& timers, CredentialOptions options, NoticeSink notices)
    : overlay_(overlay),
      key_(key),
      random_(random),
      timers_(timers),
      options_(options),
      notices_(std::move(notices)),
      cache_(options.cache_capacity) {}

UserCredentials::~UserCredentials() {
  timers_.cancel(renewal_timer_);
}

void UserCredentials::add(std::string aor, std::string_view password, sip::Handler<void> done) {
  const auto credential = sip::make_credential(aor, password);
  restore(std::move(aor), credential, std::move(done));
}

void UserCredentials::restore(std::string aor, const sip::Credential& credential,
                              sip::Handler<void> done) {
  if (!is_aor(aor)) {
    static_cast<void>(timers_.set(now_.monotonic, [done = std::move(done)](Now) mutable {
      done(fail(ErrorCode::invalid_argument, "user", "must be like alice@example.org"));
    }));
    return;
  }
  put(aor, credential, std::move(done));
}

void UserCredentials::put(const std::string& aor, const sip::Credential& credential,
                          sip::Handler<void> done) {
  auto sealed = seal_credential(key_, random_, aor, credential);
  if (!sealed) {
    static_cast<void>(
        timers_.set(now_.monotonic, [done = std::move(done), error = sealed.error()](Now) mutable {
          done(std::unexpected(std::move(error)));
        }));
    return;
  }
  StoreRequest request{.resource_name = aor, .user = aor, .values = {}};
  request.values.push_back({.kind = KindId::carillon_credential,
                            .value = std::move(*sealed),
                            .lifetime = options_.lifetime});
  overlay_.store(std::move(request),
                 liveness_.guard([this, aor, credential,
                                  done = std::move(done)](Result<StoreReport> stored) mutable {
                   if (!stored) return done(std::unexpected(std::move(stored.error())));
                   remember(aor, credential, now_.monotonic);
                   done({});
                 }));
}

void UserCredentials::remove(std::string aor, sip::Handler<void> done) {
  auto store_removal = [this, aor, done = std::move(done)](Result<LookupReport> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    if (found->values.empty()) return done(no_such_user(aor));
    StoreRequest request{.resource_name = aor, .user = aor, .values = {}};
    request.values.push_back(
        {.kind = KindId::carillon_credential, .exists = false, .lifetime = options_.lifetime});
    overlay_.store(
        std::move(request),
        liveness_.guard([this, aor, done = std::move(done)](Result<StoreReport> stored) mutable {
          if (!stored) return done(std::unexpected(std::move(stored.error())));
          remember(aor, std::nullopt, now_.monotonic);
          done({});
        }));
  };
  overlay_.lookup({aor, {KindId::carillon_credential}}, liveness_.guard(std::move(store_removal)));
}

std::optional<sip::Credential> UserCredentials::cached(std::string_view aor, seconds max_age) {
  const Cached* known = cache_.get(sha1(as_bytes(aor)));
  if (known == nullptr || known->asked + max_age < now_.monotonic) return std::nullopt;
  return known->credential;
}

void UserCredentials::find(std::string aor, sip::UserQuestion question,
                           sip::Handler<sip::FoundUser> done) {
  const Cached* known = cache_.get(sha1(as_bytes(aor)));
  if (known != nullptr && known->asked + options_.repeat_for >= now_.monotonic) {
    static_cast<void>(timers_.set(
        now_.monotonic,
        liveness_.guard([aor, credential = known->credential, done = std::move(done)](Now) mutable {
          if (credential) return done(sip::FoundUser{*credential, {}});
          done(no_such_user(aor));
        })));
    return;
  }
  if (waiting_.size() >= options_.max_waiting && !waiting_.contains(aor)) {
    static_cast<void>(timers_.set(now_.monotonic, [done = std::move(done)](Now) mutable {
      done(fail(ErrorCode::busy, "user", "too many are asked for"));
    }));
    return;
  }
  auto& handlers = waiting_[aor];
  handlers.push_back(std::move(done));
  if (handlers.size() > 1) return;
  LookupRequest request{aor, {KindId::carillon_credential}};
  if (question == sip::UserQuestion::credential_and_bindings) {
    request.kinds.push_back(KindId::carillon_contacts);
  }
  overlay_.lookup(std::move(request), liveness_.guard([this, aor, question, asked = now_.monotonic](
                                                          const Result<LookupReport>& found) {
    answer(aor, question, asked, found);
  }));
}

void UserCredentials::answer(const std::string& aor, sip::UserQuestion question,
                             MonotonicTime asked, const Result<LookupReport>& report) {
  auto waiting = waiting_.extract(aor);
  if (waiting.empty()) return;
  auto credential =
      report ? open(aor, *report) : Result<sip::Credential>{std::unexpected(report.error())};
  if (credential) {
    remember(aor, *credential, asked);
    renew_if_old(aor, *sealed_in(*report), *credential);
  } else if (credential.error().code == ErrorCode::not_found) {
    remember(aor, std::nullopt, asked);
  }
  const auto located =
      report && question == sip::UserQuestion::credential_and_bindings
          ? std::optional{sip::merge_entries(peer_entries(*report).entries, now_.wall)}
          : std::nullopt;
  for (auto& done : waiting.mapped()) {
    if (credential) {
      done(sip::FoundUser{*credential, located});
    } else {
      done(std::unexpected(credential.error()));
    }
  }
}

const FoundValue* UserCredentials::sealed_in(const LookupReport& report) {
  const auto found =
      std::ranges::find(report.values, KindId::carillon_credential, &FoundValue::kind);
  return found == report.values.end() ? nullptr : &*found;
}

void UserCredentials::remember(const std::string& aor, std::optional<sip::Credential> credential,
                               MonotonicTime asked) {
  // An answer to an older question must not replace a newer one: `add` may have come between.
  const Cached* known = cache_.get(sha1(as_bytes(aor)));
  if (known != nullptr && known->asked > asked) return;
  cache_.put(sha1(as_bytes(aor)), {credential, asked});
}

Result<sip::Credential> UserCredentials::open(const std::string& aor, const LookupReport& report) {
  const auto* sealed = sealed_in(report);
  if (sealed == nullptr) return no_such_user(aor);
  auto credential = open_credential(key_, aor, sealed->value);
  if (!credential && notices_) {
    notices_({Severity::error,
              "the credential of " + aor +
                  " does not open with this operator key: " + credential.error().message()});
  }
  return credential;
}

void UserCredentials::renew_if_old(const std::string& aor, const FoundValue& value,
                                   const sip::Credential& credential) {
  const auto age =
      to_milliseconds(now_.wall) - std::min(value.storage_time_ms, to_milliseconds(now_.wall));
  const auto left = std::chrono::duration_cast<milliseconds>(value.lifetime);
  if (std::cmp_greater_equal(left.count(), age)) return;
  put(aor, credential, [this, aor](const Result<void>& stored) {
    if (!stored && notices_) {
      notices_({Severity::warning,
                "the credential of " + aor + " was not renewed: " + stored.error().message()});
    }
  });
}

}  // namespace carillon::usage
