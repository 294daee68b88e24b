// UserCredentials' walks through the overlay: for people, and to keep the values alive.

#include <utility>

#include "usage/credentials/sealed_credential.hpp"
#include "usage/credentials/user_credentials.hpp"
#include "usage/next_place.hpp"

namespace carillon::usage {

namespace {

ResourceId first_place() {
  return ResourceId{NodeId{}};
}

}  // namespace

void UserCredentials::meet_next(const ResourceId& from, sip::Handler<std::optional<Met>> done) {
  overlay_.find_next(
      from, KindId::carillon_credential,
      liveness_.guard([this, from, done = std::move(done)](Result<FindReport> found) mutable {
        if (!found) return done(std::unexpected(std::move(found.error())));
        // Round the ring once: what lies before us is the beginning again.
        if (!found->resource || *found->resource < from) return done(std::nullopt);
        const ResourceId place = *found->resource;
        overlay_.lookup_at(
            place, {KindId::carillon_credential},
            liveness_.guard([place, done = std::move(done)](Result<LookupReport> report) mutable {
              if (!report) return done(std::unexpected(std::move(report.error())));
              done(Met{place, std::move(*report)});
            }));
      }));
}

void UserCredentials::list(std::optional<ResourceId> from, std::size_t max_users,
                           sip::Handler<UserPage> done) {
  auto walk = std::make_shared<Walk>(Walk{{}, max_users, std::move(done)});
  list_on(std::move(walk), from.value_or(first_place()));
}

void UserCredentials::list_on(std::shared_ptr<Walk> walk, const ResourceId& from) {
  meet_next(from, [this, walk](Result<std::optional<Met>> met) mutable {
    if (!met) return walk->done(std::unexpected(std::move(met.error())));
    if (!*met) return walk->done(std::move(walk->page));
    // The signer of a credential is its user (USER-MATCH); a value may have gone meanwhile.
    if (!(*met)->report.values.empty()) {
      walk->page.aors.push_back((*met)->report.values.front().user);
    }
    const auto next = next_place((*met)->place);
    if (next && walk->page.aors.size() < walk->max_users) return list_on(std::move(walk), *next);
    walk->page.next = next;
    walk->done(std::move(walk->page));
  });
}

void UserCredentials::start_renewal() {
  if (renewing_) return;
  renewing_ = true;
  schedule_renewal(random_.jittered(options_.renewal_interval), std::nullopt);
}

void UserCredentials::stop_renewal() {
  renewing_ = false;
  timers_.cancel(renewal_timer_);
}

void UserCredentials::schedule_renewal(milliseconds pause, std::optional<ResourceId> from) {
  if (!renewing_) return;
  timers_.cancel(renewal_timer_);
  renewal_timer_ = timers_.set(now_.monotonic + pause, [this, from = std::move(from)](Now now) {
    now_ = now;
    renewal_timer_ = TimerId::none;
    renew_next(from.value_or(first_place()));
  });
}

void UserCredentials::renew_next(const ResourceId& from) {
  meet_next(from, [this](const Result<std::optional<Met>>& met) {
    // A walk that breaks off is begun anew next time: nothing is in a hurry here.
    const auto next = met && *met ? next_place((*met)->place) : std::nullopt;
    if (met && *met && !(*met)->report.values.empty()) {
      const auto& value = (*met)->report.values.front();
      const auto credential = open_credential(key_, value.user, value.value);
      if (credential) renew_if_old(value.user, value, *credential);
    }
    const auto pause = next ? options_.renewal_pause : random_.jittered(options_.renewal_interval);
    schedule_renewal(pause, next);
  });
}

}  // namespace carillon::usage
