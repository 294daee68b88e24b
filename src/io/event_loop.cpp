#include "io/event_loop.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <initializer_list>

#include <boost/asio/post.hpp>

namespace carillon::io {
namespace {

/// Without anything to do the loop looks up this often; no deadline depends on it.
constexpr milliseconds idle_turn{1'000};
/// Hooks that keep making work for each other have to let the sockets have a turn.
constexpr int max_hook_rounds = 8;

/// Whoever sent a signal sees the exit status that the process has come to, not the signal.
void block_signals(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers)
    sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

EventLoop::~EventLoop() {
  // Before the signal sets go and with them the handlers: there is no moment in between.
  if (on_termination_) block_signals({SIGTERM, SIGINT});
  if (on_hangup_) block_signals({SIGHUP});
}

void EventLoop::run() {
  end_turn();  // What was asked before there was a loop.
  while (!stopped_)
    turn(idle_turn);
}

bool EventLoop::run_until(const std::function<bool()>& condition, milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds{0}) return false;
    turn(std::min(left, idle_turn));
  }
  return true;
}

void EventLoop::turn(milliseconds at_most) {
  const bool busy = (unfinished_ ? context_.poll_one() : context_.run_one_for(at_most)) > 0;
  for (std::size_t i = 1; busy && i < max_handlers_per_turn && context_.poll_one() > 0; ++i) {
  }
  end_turn();
}

void EventLoop::end_turn() {
  unfinished_ = true;
  for (int round = 0; unfinished_ && round < max_hook_rounds; ++round) {
    unfinished_ = false;
    for (auto& hook : hooks_)
      unfinished_ = hook() || unfinished_;
  }
  const auto outputs = std::exchange(outputs_, {});
  for (const auto& output : outputs) {
    if (const auto alive = output.lock()) alive->end_of_turn();
  }
}

void EventLoop::on_termination(std::function<void(int)> handler) {
  on_termination_ = std::move(handler);
  std::signal(SIGPIPE, SIG_IGN);
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  wait_for_signal();
}

void EventLoop::on_hangup(std::function<void()> handler) {
  on_hangup_ = std::move(handler);
  hangups_.add(SIGHUP);
  wait_for_hangup();
}

void EventLoop::wait_for_hangup() {
  hangups_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    wait_for_hangup();
    on_hangup_();
  });
}

void EventLoop::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    ++terminations_;
    wait_for_signal();
    on_termination_(terminations_);
  });
}

}  // namespace carillon::io
