#include "peer/bundle_intake.hpp"

#include <algorithm>
#include <utility>

#include "peer/bundle.hpp"
#include "peer/core.hpp"
#include "peer/rejections.hpp"

namespace carillon::peer {

BundleIntake::BundleIntake(PeerCore& core)
    : core_(core),
      work_(core.timers, core.now, core.options.bundle_pause,
            [this] { return take_some(parts_per_spell); }),
      lull_(core.timers) {}

void BundleIntake::add(Now now, std::vector<wire::StoreReq> parts,
                       transport::IncomingRequest message, transport::ResponseToken token) {
  core_.joining.handle_progress(message.signer.node_id);
  if (waiting_.size() >= max_waiting) {
    return core_.transport.respond_error(now, token,
                                         Error{ErrorCode::busy, "bundle", "too many wait"});
  }
  waiting_.push_back(std::make_shared<Bundle>(std::move(parts), std::move(message), token));
  if (core_.is_member()) return work_.wake();
  while (take_some(max_bundled)) {
  }
}

bool BundleIntake::take_some(std::size_t parts) {
  if (waiting_.empty()) return false;
  const auto bundle = waiting_.front();
  const std::size_t upto = std::min(bundle->parts.size(), bundle->taken + parts);
  for (; bundle->taken < upto; ++bundle->taken) {
    auto stored = core_.stores.apply_replica(core_.now, std::move(bundle->parts[bundle->taken]),
                                             bundle->message);
    if (!stored && bundle->good) bundle->good = std::unexpected(std::move(stored.error()));
  }
  const bool whole = bundle->taken == bundle->parts.size();
  // Should others have something synced, then this with it, be it whole or not.
  core_.commit.with_next_sync([this, bundle, whole](const Result<void>& synced) {
    if (!synced && bundle->good) bundle->good = storage::reject(synced.error());
    if (whole) answer(*bundle);
  });
  if (whole) {
    waiting_.pop_front();
    ++unsynced_;
  }
  sync_if_due();
  return true;
}

void BundleIntake::sync_if_due() {
  if (unsynced_ == 0) return;
  const bool is_member = core_.is_member();
  const std::size_t most = is_member ? max_unsynced : max_unsynced_joining;
  if (unsynced_ >= most || (is_member && waiting_.empty())) return core_.commit.mark();
  if (!is_member) {
    lull_.set(core_.now.monotonic + lull, [this](Now) { core_.commit.mark(); });
  }
}

void BundleIntake::answer(const Bundle& bundle) {
  unsynced_ = 0;
  if (!bundle.good) {
    return core_.transport.respond_error(core_.now, bundle.token, to_wire(bundle.good.error()));
  }
  core_.transport.respond(core_.now, bundle.token, wire::StoreAns{{{bundle_kind, 1, {}}}});
}

void BundleIntake::stop() {
  work_.stop();
  lull_.cancel();
  waiting_.clear();
}

}  // namespace carillon::peer
