#include "peer/bundle_intake.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"

namespace carillon::peer {

BundleIntake::BundleIntake(PeerCore& core) : core_(core), pause_(core.timers) {}

void BundleIntake::add(Now now, std::vector<wire::StoreReq> parts,
                       transport::IncomingRequest message, transport::ResponseToken token) {
  core_.joining.handle_progress(message.signer.node_id);
  if (!core_.is_member()) return core_.stores.store_bundle(now, std::move(parts), message, token);
  if (waiting_.size() >= max_waiting) {
    return core_.transport.respond_error(now, token,
                                         Error{ErrorCode::busy, "bundle", "too many wait"});
  }
  waiting_.push_back({std::move(parts), std::move(message), token});
  if (!pause_.is_set()) take_next();
}

void BundleIntake::take_next() {
  if (waiting_.empty()) return;
  Bundle bundle = waiting_.take_front();
  // The next turn begins when this one is over, sync and all: then we know what it took.
  const MonotonicTime began = core_.now.monotonic;
  pause_.set(began + MonotonicClock::duration{1},
             [this, began](Now now) { rest(now.monotonic - began); });
  core_.stores.store_bundle(core_.now, std::move(bundle.parts), bundle.message, bundle.token);
}

void BundleIntake::rest(MonotonicClock::duration worked) {
  const auto pause =
      std::max<MonotonicClock::duration>(core_.options.bundle_pause, rest_for_work * worked);
  pause_.set(core_.now.monotonic + pause, [this](Now) { take_next(); });
}

void BundleIntake::stop() {
  pause_.cancel();
  waiting_.clear();
}

}  // namespace carillon::peer
