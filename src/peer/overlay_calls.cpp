#include "peer/overlay_calls.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"
#include "peer/find_call.hpp"
#include "peer/lookup_call.hpp"
#include "peer/store_call.hpp"

namespace carillon::peer {

Result<void> OverlayCalls::check() const {
  if (!core_.is_member()) return fail(ErrorCode::not_joined, "overlay");
  if (calls_.size() >= core_.options.max_calls) {
    return fail(ErrorCode::busy, "overlay", "too many calls are waiting");
  }
  return {};
}

template <typename T, typename Request>
void OverlayCalls::begin(Request request, Overlay::Handler<typename T::Report> done) {
  ended_.clear();
  const CallId id{++last_call_};
  auto call = std::make_unique<T>(core_, id, std::move(request), std::move(done));
  Call& started = *call;
  calls_.emplace(id, std::move(call));
  started.start();
}

void OverlayCalls::lookup(ResourceId resource, std::vector<KindId> kinds,
                          Overlay::Handler<LookupReport> done) {
  ++counters_.lookups;
  if (auto good = check(); !good) {
    return core_.completions.add(std::move(done),
                                 Result<LookupReport>{std::unexpected(good.error())});
  }
  begin<LookupCall>(LookupCall::Request{std::move(resource), std::move(kinds)}, std::move(done));
}

void OverlayCalls::store(StoreRequest request, Overlay::Handler<StoreReport> done) {
  ++counters_.stores;
  auto good = check();
  auto prepared = good ? StoreCall::prepare(core_, request)
                       : Result<StoreCall::Request>{std::unexpected(good.error())};
  if (!prepared) {
    return core_.completions.add(std::move(done),
                                 Result<StoreReport>{std::unexpected(prepared.error())});
  }
  begin<StoreCall>(std::move(*prepared), std::move(done));
}

void OverlayCalls::find_next(ResourceId from, KindId kind, Overlay::Handler<FindReport> done) {
  if (auto good = check(); !good) {
    return core_.completions.add(std::move(done),
                                 Result<FindReport>{std::unexpected(good.error())});
  }
  begin<FindCall>(FindCall::Request{std::move(from), kind}, std::move(done));
}

void OverlayCalls::stop() {
  while (!calls_.empty()) {
    calls_.begin()->second->end_with({ErrorCode::not_joined, "overlay", "the overlay was left"});
  }
}

Call* OverlayCalls::find(CallId id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second.get();
}

void OverlayCalls::remove(CallId id) {
  auto call = calls_.extract(id);
  if (!call.empty()) ended_.push_back(std::move(call.mapped()));
}

std::uint64_t OverlayCalls::next_storage_time() {
  last_storage_time_ = std::max(last_storage_time_ + 1, to_milliseconds(core_.now.wall));
  return last_storage_time_;
}

}  // namespace carillon::peer
