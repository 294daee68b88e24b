#include "app/leaving.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "app/farewell_pace.hpp"

namespace carillon::app {

std::string_view to_string(Leaving::Stage stage) {
  switch (stage) {
    case Leaving::Stage::not_started:
      return "not_started";
    case Leaving::Stage::ending_transactions:
      return "ending_transactions";
    case Leaving::Stage::withdrawing:
      return "withdrawing";
    case Leaving::Stage::handing_on:
      return "handing_on";
    case Leaving::Stage::finished:
      return "finished";
  }
  return "unknown";
}

std::string progress_line(const Leaving::Progress& progress) {
  const auto after = std::chrono::duration_cast<seconds>(progress.elapsed).count();
  switch (progress.stage) {
    case Leaving::Stage::not_started:
      return "not leaving";
    case Leaving::Stage::ending_transactions:
      return fmt::format("leaving: {} transactions run to their end, {} phones are connected, {} s",
                         progress.transactions, progress.phones, after);
    case Leaving::Stage::withdrawing:
      return fmt::format("leaving: {} bindings to be taken back, {} s", progress.withdrawals,
                         after);
    case Leaving::Stage::handing_on:
      return fmt::format("leaving: data is handed on, {} transfers left, {} resources sent, {} s",
                         progress.transfers, progress.handed_on, after);
    case Leaving::Stage::finished:
      return "has left";
  }
  return "unknown";
}

Leaving::Leaving(io::EventLoop& loop, Node& node)
    : node_(node), deadline_(loop.context()), next_batch_(loop.context()) {}

void Leaving::start(std::function<void(Result<void>)> done) {
  if (finished()) return done(*left_);
  waiting_.push_back(std::move(done));
  if (started()) return;
  stage_ = Stage::ending_transactions;
  started_at_ = node_.scheduler().begin_input().monotonic;
  sent_before_ = node_.peer().status().replication.resources_sent;
  node_.credentials().stop_renewal();
  node_.sip().start_draining();
  allow(transactions_within);
  send_phones_away();
}

void Leaving::send_phones_away() {
  const auto elapsed = std::chrono::duration_cast<milliseconds>(
      node_.scheduler().begin_input().monotonic - started_at_);
  node_.sip().send_phones_away(FarewellPace::batch(node_.sip().gauges().phone_flows, elapsed),
                               true);
  // Goes on when none is left: some connect again, and hear only then that we leave.
  next_batch_.expires_after(FarewellPace::interval);
  next_batch_.async_wait([this](const auto& error) {
    if (!error && stage_ == Stage::ending_transactions) send_phones_away();
  });
}

Leaving::Progress Leaving::progress() {
  Progress progress{.stage = stage_};
  const auto now = node_.scheduler().begin_input().monotonic;
  if (started()) {
    progress.elapsed = std::chrono::duration_cast<milliseconds>(now - started_at_);
  }
  const auto gauges = node_.sip().gauges();
  progress.transactions = gauges.server_transactions + gauges.client_transactions;
  progress.phones = gauges.phone_flows;
  progress.withdrawals = stage_ == Stage::withdrawing ? node_.locations().waiting() : 0;
  const auto replication = node_.peer().status().replication;
  progress.transfers = replication.transfers_running + replication.transfers_waiting;
  progress.handed_on = started() ? replication.resources_sent - sent_before_ : 0;
  return progress;
}

void Leaving::allow(milliseconds time) {
  out_of_time_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([this](const auto& error) {
    if (!error) out_of_time_ = true;
  });
}

bool Leaving::advance() {
  if (stage_ == Stage::ending_transactions &&
      (out_of_time_ || (node_.sip().drained() && node_.sip().gauges().phone_flows == 0))) {
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
  next_batch_.cancel();
  node_.scheduler().begin_input();
  node_.sip().send_phones_away(node_.sip().gauges().phone_flows, false);
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
