#include "usage/sip/overlay_location_service.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "usage/sip/contact_list.hpp"
#include "usage/sip/peer_entries.hpp"
#include "wire/sip_registration.hpp"

namespace carillon::usage {

namespace {

/// "This user is at that node" (RFC 7904, 3.2), for whoever knows only the RFC.
Bytes registration_of(const NodeId& node) {
  return wire::encode(
      wire::SipRegistration{wire::SipRegistrationRoute{{}, {wire::Destination{node}}}});
}

Bytes key_of(const NodeId& node) {
  return to_bytes(node.bytes());
}

}  // namespace

OverlayLocationService::OverlayLocationService(Overlay& overlay, TimerQueue& timers,
                                               LocationOptions options, NoticeSink notices)
    : overlay_(overlay), timers_(timers), options_(options), notices_(std::move(notices)) {
  overlay_.on_ring_change(liveness_.guard([this] { ring_changed(); }));
}

OverlayLocationService::~OverlayLocationService() {
  timers_.cancel(timer_);
}

void OverlayLocationService::publish(std::string aor, sip::OwnEntry entry, seconds lifetime,
                                     sip::Handler<void> done) {
  ++counters_.published;
  publishing_.insert(aor);
  store_entry(aor, entry, lifetime,
              [this, aor, done = std::move(done)](Result<void> stored) mutable {
                publishing_.erase(aor);
                done(std::move(stored));
              });
}

void OverlayLocationService::store_entry(const std::string& aor, const sip::OwnEntry& entry,
                                         seconds lifetime, sip::Handler<void> done) {
  auto list = encode_contact_list(entry);
  if (!list) {
    // The handler must not run from inside this call.
    static_cast<void>(
        timers_.set(now_.monotonic,
                    liveness_.guard([done = std::move(done), error = list.error()](Now) mutable {
                      done(std::unexpected(std::move(error)));
                    })));
    return;
  }
  const NodeId self = overlay_.node_id();
  StoreRequest request{.resource_name = aor, .user = aor, .values = {}};
  request.values.push_back({.kind = KindId::sip_registration,
                            .position = key_of(self),
                            .value = registration_of(self),
                            .exists = !entry.bindings.empty(),
                            .lifetime = lifetime});
  request.values.push_back({.kind = KindId::carillon_contacts,
                            .position = key_of(self),
                            .value = std::move(*list),
                            .exists = !entry.empty(),
                            .lifetime = lifetime});
  overlay_.store(std::move(request),
                 liveness_.guard([done = std::move(done)](Result<StoreReport> report) mutable {
                   if (report) {
                     done({});
                   } else {
                     done(std::unexpected(std::move(report.error())));
                   }
                 }));
}

void OverlayLocationService::lookup(std::string aor,
                                    sip::Handler<std::vector<sip::LocatedBinding>> done) {
  ++counters_.looked_up;
  overlay_.lookup(
      {std::move(aor), {KindId::carillon_contacts}},
      liveness_.guard([this, done = std::move(done)](Result<LookupReport> found) mutable {
        if (!found) return done(std::unexpected(std::move(found.error())));
        const auto [entries, unreadable] = peer_entries(*found);
        counters_.unreadable += unreadable;
        done(sip::merge_entries(entries, now_.wall));
      }));
}

void OverlayLocationService::ring_changed() {
  // What was looked at already may have been lost since: all of it once more, afterwards.
  changed_again_ = true;
  if (timer_ == TimerId::none) schedule(options_.settle);
}

void OverlayLocationService::schedule(milliseconds pause) {
  timer_ = timers_.set(now_.monotonic + pause, [this](Now now) {
    now_ = now;
    timer_ = TimerId::none;
    if (withdrawing_) return;
    if (queue_.empty() && changed_again_ && own_ != nullptr) {
      changed_again_ = false;
      const auto aors = own_->own_aors();
      queue_.assign(aors.begin(), aors.end());
    }
    check_some();
  });
}

void OverlayLocationService::check_some() {
  const auto each_tick = std::max<std::size_t>(
      1, options_.checks_per_second * static_cast<std::size_t>(tick.count()) / 1000);
  auto left = std::min(each_tick, queue_.size());
  for (; left > 0 && under_way_ < options_.at_once; --left) {
    const std::string aor = std::move(queue_.front());
    queue_.pop_front();
    check(aor);
  }
  if (!queue_.empty()) {
    schedule(tick);
  } else if (changed_again_) {
    schedule(options_.settle);
  }
}

void OverlayLocationService::check(const std::string& aor) {
  ++under_way_;
  ++counters_.checked;
  overlay_.lookup({aor, {KindId::carillon_contacts}},
                  liveness_.guard([this, aor](const Result<LookupReport>& found) {
                    --under_way_;
                    if (!withdrawing_) compare(aor, found);
                  }));
}

void OverlayLocationService::compare(const std::string& aor, const Result<LookupReport>& found) {
  // What is being published right now is newer than anything that we would put back; but it may
  // fail, so the entry gets another look.
  if (!found || publishing_.contains(aor)) return look_again(aor);
  const auto entry = own_->own_entry(aor);
  if (!entry || entry->empty() || entry->lifetime(now_.wall) <= seconds{0}) return;
  const auto wanted = encode_contact_list(*entry);
  const Bytes key = key_of(overlay_.node_id());
  const bool present = std::ranges::any_of(found->values, [&](const FoundValue& value) {
    const auto* position = std::get_if<Bytes>(&value.position);
    return position != nullptr && *position == key && wanted && value.value == *wanted;
  });
  if (present) return;
  ++counters_.republished;
  ++under_way_;
  store_entry(aor, *entry, entry->lifetime(now_.wall), [this, aor](const Result<void>& stored) {
    --under_way_;
    if (!stored && !withdrawing_) look_again(aor);
  });
}

void OverlayLocationService::look_again(const std::string& aor) {
  queue_.push_back(aor);
  if (timer_ == TimerId::none) schedule(options_.settle);
}

void OverlayLocationService::withdraw(sip::Handler<void> done) {
  withdrawing_ = true;
  withdraw_done_ = std::move(done);
  timers_.cancel(timer_);
  queue_.clear();
  if (own_ != nullptr) {
    const auto aors = own_->own_aors();
    queue_.assign(aors.begin(), aors.end());
  }
  // Not from inside this call, since it may find that there is nothing to do.
  timer_ = timers_.set(now_.monotonic, [this](Now now) {
    now_ = now;
    timer_ = TimerId::none;
    withdraw_some();
  });
}

void OverlayLocationService::withdraw_some() {
  while (!queue_.empty() && withdrawals_ < options_.at_once) {
    const std::string aor = std::move(queue_.front());
    queue_.pop_front();
    auto entry = own_->own_entry(aor);
    if (!entry) continue;
    const auto lifetime = entry->lifetime(now_.wall);
    const auto on_flow = [](const sip::Binding& binding) { return !binding.flow_token.empty(); };
    if (std::erase_if(entry->bindings, on_flow) == 0 || lifetime <= seconds{0}) continue;
    ++withdrawals_;
    store_entry(aor, *entry, lifetime, [this](Result<void> stored) {
      --withdrawals_;
      ++counters_.withdrawn;
      if (!stored && withdrawal_) withdrawal_ = std::move(stored);
      withdraw_some();
    });
  }
  if (queue_.empty() && withdrawals_ == 0 && withdraw_done_) {
    if (!withdrawal_ && notices_) {
      notices_({Severity::warning,
                "not all bindings were taken back: " + withdrawal_.error().message()});
    }
    std::exchange(withdraw_done_, {})(std::move(withdrawal_));
  }
}

}  // namespace carillon::usage
