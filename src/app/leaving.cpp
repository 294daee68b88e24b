#include "app/leaving.hpp"

#include <utility>

namespace carillon::app {

Leaving::Leaving(io::EventLoop& loop, Node& node) : node_(node), deadline_(loop.context()) {}

void Leaving::start(std::function<void(Result<void>)> done) {
  if (finished()) return done(*left_);
  waiting_.push_back(std::move(done));
  if (started()) return;
  stage_ = Stage::ending_transactions;
  node_.scheduler().begin_input();
  node_.credentials().stop_renewal();
  node_.sip().start_draining();
  allow(transactions_within);
}

void Leaving::allow(milliseconds time) {
  out_of_time_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([this](const auto& error) {
    if (!error) out_of_time_ = true;
  });
}

bool Leaving::advance() {
  if (stage_ == Stage::ending_transactions && (node_.sip().drained() || out_of_time_)) {
    withdraw();
    return true;
  }
  if (stage_ == Stage::withdrawing && (withdrawn_ || out_of_time_)) {
    hand_on();
    return true;
  }
  if (stage_ == Stage::handing_on && left_) {
    finish(*left_);
    return true;
  }
  return false;
}

void Leaving::withdraw() {
  stage_ = Stage::withdrawing;
  node_.scheduler().begin_input();
  // It tells of its errors itself; nothing can be done about them here.
  node_.locations().withdraw([this](const auto&) { withdrawn_ = true; });
  allow(withdrawn_within);
}

void Leaving::hand_on() {
  stage_ = Stage::handing_on;
  deadline_.cancel();
  node_.scheduler().begin_input();
  node_.peer().leave([this](Result<void> left) { left_ = std::move(left); });
}

void Leaving::finish(Result<void> left) {
  stage_ = Stage::finished;
  node_.scheduler().begin_input();
  node_.sip().close_flows();
  for (auto& done : std::exchange(waiting_, {}))
    done(left);
}

}  // namespace carillon::app
