#include "link/received_window.hpp"

namespace carillon::link {

namespace {

constexpr std::uint32_t window_size = 32;

/// `mask` seen from `distance` sequence numbers further up; what falls out of it is forgotten.
std::uint32_t shifted_up(std::uint32_t mask, std::uint32_t distance) {
  return distance >= window_size ? 0 : mask << distance;
}

std::uint32_t bit(std::uint32_t distance) {
  return distance == 0 || distance > window_size ? 0 : std::uint32_t{1} << (distance - 1);
}

}  // namespace

wire::AckFrame ReceivedWindow::record(std::uint32_t sequence) {
  if (!any_) {
    any_ = true;
    highest_ = sequence;
    latest_ = {sequence, 0};
    return latest_;
  }
  const std::uint32_t ahead = sequence - highest_;  // Serial arithmetic: it may have wrapped.
  if (ahead != 0 && ahead < (std::uint32_t{1} << 31)) {
    below_highest_ = shifted_up(below_highest_, ahead) | bit(ahead);
    highest_ = sequence;
    latest_ = {sequence, below_highest_};
    return latest_;
  }
  const std::uint32_t behind = highest_ - sequence;
  below_highest_ |= bit(behind);
  const std::uint32_t seen = behind >= window_size ? 0 : below_highest_ >> behind;
  latest_ = {sequence, seen};
  return latest_;
}

}  // namespace carillon::link
