#include "forwarding/reassembly.hpp"

#include <algorithm>
#include <utility>

namespace carillon::forwarding {

Reassembly::Reassembly(const ForwardingOptions& options, TimerQueue& timers)
    : options_(options), timers_(timers) {}

Reassembly::~Reassembly() {
  for (auto& [id, partial] : partial_)
    timers_.cancel(partial.timer);
}

Reassembly::Outcome Reassembly::add(Now now, Delivered fragment) {
  const wire::Fragment place = fragment.header.fragment;
  const Interval range{place.offset, place.offset + fragment.payload.size()};
  const bool too_small = fragment.payload.size() < wire::Fragment::min_body && !place.last;
  if (too_small || fragment.payload.empty() || range.end > options_.link.max_message_size) {
    return Outcome::refused;
  }
  const wire::TransactionId id = fragment.header.transaction_id;
  auto entry = partial_.find(id);
  // Another message than the one so far, e.g. an answer made anew: the later one is as good.
  if (entry != partial_.end() && entry->second.contradicts(range, place.last)) {
    forget(entry);
    entry = partial_.end();
  }
  if (entry == partial_.end()) {
    if (partial_.size() >= options_.max_reassemblies) return Outcome::refused;
    entry = partial_.try_emplace(id).first;
    entry->second.timer = timers_.set(now.monotonic + options_.reassembly_timeout, [this, id](Now) {
      ++timed_out_;
      forget(partial_.find(id));
    });
  }
  Partial& partial = entry->second;
  const std::size_t grows = range.end - std::min(range.end, partial.message.payload.size());
  if (octets_ + grows > options_.max_reassembly_octets) {
    forget(entry);
    return Outcome::refused;
  }
  octets_ += grows;
  if (place.last) partial.total = range.end;
  partial.insert(std::move(fragment), range);
  if (!partial.is_complete()) return Outcome::incomplete;
  completed_ = std::move(partial.message);
  octets_ -= completed_->payload.size();
  timers_.cancel(partial.timer);
  partial_.erase(entry);
  return Outcome::complete;
}

Delivered Reassembly::take_completed() {
  Delivered message = std::move(completed_).value_or(Delivered{});
  completed_.reset();
  message.header.fragment = wire::Fragment{};
  return message;
}

void Reassembly::forget(Table::iterator entry) {
  if (entry == partial_.end()) return;
  octets_ -= entry->second.message.payload.size();
  timers_.cancel(entry->second.timer);
  partial_.erase(entry);
}

bool Reassembly::Partial::contradicts(const Interval& range, bool last) const {
  if (total) return range.end > *total || (last && range.end != *total);
  return last && !have.empty() && have.back().end > range.end;
}

void Reassembly::Partial::insert(Delivered fragment, const Interval& range) {
  Bytes& octets = message.payload;
  if (octets.size() < range.end) octets.resize(range.end);
  std::size_t at = range.begin;
  const auto fill_to = [&](std::size_t end) {
    if (at >= end) return;
    const auto from = fragment.payload.begin() + static_cast<std::ptrdiff_t>(at - range.begin);
    std::copy(from, from + static_cast<std::ptrdiff_t>(end - at),
              octets.begin() + static_cast<std::ptrdiff_t>(at));
  };
  Interval joined = range;
  std::vector<Interval> kept;
  for (const Interval& interval : have) {
    if (interval.end < range.begin || interval.begin > range.end) {
      kept.push_back(interval);
      continue;
    }
    fill_to(std::min(interval.begin, range.end));
    at = std::max(at, interval.end);
    joined = {std::min(joined.begin, interval.begin), std::max(joined.end, interval.end)};
  }
  fill_to(range.end);
  kept.insert(std::find_if(kept.begin(), kept.end(),
                           [&](const Interval& other) { return other.begin > joined.begin; }),
              joined);
  have = std::move(kept);
  if (range.begin == 0) {  // The first fragment's header is the message's.
    message.header = std::move(fragment.header);
    message.return_path = std::move(fragment.return_path);
    message.previous_hop = fragment.previous_hop;
  }
}

bool Reassembly::Partial::is_complete() const {
  return total && have.size() == 1 && have.front().begin == 0 && have.front().end == *total;
}

}  // namespace carillon::forwarding
