#include <algorithm>

#include "topology/chord.hpp"

namespace carillon::topology {

// Finger i, from 1, is somewhere in [2^(128-i), 2^(129-i) - 1] from here (RFC 6940, 10.7.4.2).

RingPosition Chord::finger_start(unsigned finger) const {
  return RingPosition::power_of_two(RingPosition::bits - finger);
}

RingPosition Chord::finger_end(unsigned finger) const {
  return finger_start(finger) + (finger_start(finger) - ring_step);
}

unsigned Chord::finger_count() const {
  // Large enough to contain the final successor (10.7.4.3).
  unsigned count = options_.fingers;
  const std::vector<NodeId> after = table_.successors();
  if (after.empty()) return count;
  const RingPosition last = table_.distance_of(after.back());
  while (count < RingPosition::bits && finger_start(count) > last)
    ++count;
  return count;
}

std::vector<std::optional<NodeId>> Chord::finger_table() const {
  std::vector<std::optional<NodeId>> fingers;
  for (unsigned finger = 1; finger <= finger_count(); ++finger) {
    fingers.push_back(table_.first_peer_within(finger_start(finger), finger_end(finger)));
  }
  return fingers;
}

std::vector<NodeId> Chord::fingers() const {
  std::vector<NodeId> list;
  for (const auto& finger : finger_table()) {
    if (finger) list.push_back(*finger);
  }
  std::ranges::sort(list);
  return list;
}

bool Chord::is_worth_searching(unsigned finger) const {
  if (table_.knows_whole_ring()) return false;
  const RingPosition start = finger_start(finger);
  const RingPosition end = finger_end(finger);
  if (table_.first_peer_within(start, end)) return false;
  // Among our neighbors there is nobody whom we do not know.
  return end > table_.distance_of(table_.successors().back()) &&
         start < table_.distance_of(table_.predecessors().back());
}

void Chord::search_first_fingers() {
  first_finger_ = 1;
  next_first_finger();
}

void Chord::next_first_finger() {
  // One after the other: what the first ones bring often makes later ones needless.
  const unsigned count = finger_count();
  while (first_finger_ <= count && !is_worth_searching(first_finger_))
    ++first_finger_;
  if (first_finger_ > count) {
    first_finger_ = 0;
    return;
  }
  queue(AttachToFinger{first_finger_, (position_ + finger_start(first_finger_)).resource_id()});
}

bool Chord::handle_finger_answer(unsigned finger, std::optional<NodeId> who, Now now) {
  now_ = now.monotonic;
  if (phase_ != Phase::joined || finger == 0 || finger > RingPosition::bits) return false;
  if (finger == first_finger_) {
    ++first_finger_;
    next_first_finger();
  }
  if (!who || *who == self_ || table_.find(*who) != nullptr) return false;
  const RingPosition distance = table_.distance_of(*who);
  return distance >= finger_start(finger) && distance <= finger_end(finger);
}

RingPosition Chord::random_place_in(unsigned finger) {
  const unsigned exponent = RingPosition::bits - finger;
  return position_ + finger_start(finger) + RingPosition::random_below_power(exponent, random_);
}

void Chord::refresh_a_finger() {
  for (unsigned finger = 1; finger <= finger_count(); ++finger) {
    if (!is_worth_searching(finger) || random_.below(2) == 0) continue;
    queue(PingForFinger{finger, random_place_in(finger).resource_id()});
    return;
  }
}

void Chord::replace_finger_at(RingPosition distance) {
  for (unsigned finger = 1; finger <= finger_count(); ++finger) {
    if (distance < finger_start(finger)) continue;
    if (is_worth_searching(finger)) {
      queue(PingForFinger{finger, random_place_in(finger).resource_id()});
    }
    return;
  }
}

void Chord::set_ping_timer(Now now) {
  timers_.cancel(ping_timer_);
  const milliseconds in = random_.jittered(options_.ping_interval);
  ping_timer_ = timers_.set(now.monotonic + in, [this](Now at) {
    now_ = at.monotonic;
    ping_timer_ = TimerId::none;
    refresh_a_finger();
    set_ping_timer(at);
  });
}

}  // namespace carillon::topology
