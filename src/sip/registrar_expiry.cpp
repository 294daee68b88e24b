#include <algorithm>
#include <limits>

#include "sip/registrar.hpp"

namespace carillon::sip {
namespace {

/// The second at whose end `at` has come.
std::int64_t second_of(MonotonicTime at) {
  return std::chrono::ceil<seconds>(at.time_since_epoch()).count();
}

}  // namespace

/// Drops what has expired or lost its flow, publishes that if so, and sees to it that this runs
/// again in time. May forget the record.
void Registrar::look_after(Item& item) {
  auto& record = item.second;
  if (record.busy) return;
  const auto gone = std::erase_if(record.bindings, [&](const LocalBinding& binding) {
    return binding.expires() <= context_.now.monotonic ||
           (binding.flow() != FlowId::none && !transports_.on_flow(binding.flow()));
  });
  if (record.more) {
    // Expired removals need no publishing: readers pass over them.
    std::erase_if(record.more->removals,
                  [&](const Removal& removal) { return removal.expires <= context_.now.wall; });
  }
  if (gone != 0) publish_changes(item);
  if (record.has_waiting()) return run_next(item);
  schedule(item);
}

void Registrar::schedule(Item& item) {
  auto& record = item.second;
  if (record.is_empty()) {
    if (record.appointments == 0) records_.erase(records_.find(item.first));
    return;
  }
  auto next = MonotonicTime::max();
  for (const auto& binding : record.bindings)
    next = std::min(next, binding.expires());
  if (record.more) {
    for (const auto& removal : record.more->removals) {
      next = std::min(next, context_.now.monotonic + (removal.expires - context_.now.wall));
    }
  }
  if (next != MonotonicTime::max()) make_appointment(item, next);
}

void Registrar::make_appointment(Item& item, MonotonicTime at) {
  auto& record = item.second;
  const auto second = second_of(at);
  // An earlier one will do: it makes the next. Refreshes thus cost nothing here.
  if (record.appointments != 0 && record.due <= second) return;
  record.due = second;
  ++record.appointments;
  appointments_[second].push_back(&item);
  set_clock();
}

void Registrar::set_clock() {
  if (appointments_.empty()) return clock_.cancel();
  const MonotonicTime at{seconds{appointments_.begin()->first}};
  clock_.set(std::max(at - context_.now.monotonic, MonotonicClock::duration{0}),
             [this] { keep_appointments(); });
}

void Registrar::keep_appointments() {
  const auto now = std::chrono::floor<seconds>(context_.now.monotonic.time_since_epoch()).count();
  while (!appointments_.empty() && appointments_.begin()->first <= now) {
    const auto due = appointments_.extract(appointments_.begin());
    for (auto* item : due.mapped()) {
      --item->second.appointments;
      // Those that are left may come too late.
      item->second.due = std::numeric_limits<std::int64_t>::max();
      if (item->second.busy) {
        // finish() looks after it.
        continue;
      }
      if (item->second.dirty && !item->second.has_waiting()) publish_changes(*item);
      look_after(*item);
    }
  }
  set_clock();
}

void Registrar::note_flows(const Item& item) {
  for (const auto& binding : item.second.bindings) {
    if (binding.flow() == FlowId::none || !transports_.on_flow(binding.flow())) continue;
    auto& aors = aors_on_flow_[binding.flow()];
    if (std::ranges::find(aors, item.first) == aors.end()) aors.push_back(item.first);
  }
}

void Registrar::handle_flow_closed(FlowId flow) {
  const auto found = aors_on_flow_.extract(flow);
  if (found.empty()) return;
  for (const auto& aor : found.mapped()) {
    const auto record = records_.find(aor);
    if (record != records_.end()) look_after(*record);
  }
}

}  // namespace carillon::sip
