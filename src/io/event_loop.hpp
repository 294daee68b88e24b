#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/time.hpp"

namespace carillon::io {

/// Something that has gathered output during a turn and sends it at the turn's end.
class TurnOutput {
 public:
  virtual ~TurnOutput() = default;
  virtual void end_of_turn() = 0;
};

/// The one thread's event loop. It goes in turns: first whatever is ready (bounded), then the
/// hooks, in which the cores commit to disk once for all that came in, then the gathered output is
/// sent.
class EventLoop {
 public:
  /// At most so many handlers a turn: answers must not wait for an endless stream of questions.
  static constexpr std::size_t max_handlers_per_turn = 128;

  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Signals that it told of stay without effect: a process that is ending ends in its own way.
  ~EventLoop();

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  /// `hook` runs at the end of every turn; hooks run in the order in which they were added.
  /// It may return true if it has made new input for an earlier hook: then all run again, after
  /// some rounds in a turn that comes at once.
  void add_hook(std::function<bool()> hook) { hooks_.push_back(std::move(hook)); }
  /// `output` sends at the end of this turn (or of the next one, if called while outputs are sent).
  void send_at_end_of_turn(std::weak_ptr<TurnOutput> output) {
    outputs_.push_back(std::move(output));
  }

  /// Until `stop`.
  void run();
  /// Until `condition` holds, which is looked at after every turn; false if `limit` passed before.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition, milliseconds limit);
  void stop() { stopped_ = true; }

  /// `handler` gets the count of SIGTERM and SIGINT so far, at each of them.
  void on_termination(std::function<void(int)> handler);
  /// `handler` is called at each SIGHUP, which by itself would end the process.
  void on_hangup(std::function<void()> handler);

 private:
  void turn(milliseconds at_most);
  void end_turn();
  void wait_for_signal();
  void wait_for_hangup();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  boost::asio::signal_set signals_{context_};
  boost::asio::signal_set hangups_{context_};
  std::vector<std::function<bool()>> hooks_;
  std::vector<std::weak_ptr<TurnOutput>> outputs_;
  std::function<void(int)> on_termination_;
  std::function<void()> on_hangup_;
  int terminations_{0};
  bool unfinished_{false};  ///< The hooks of the last turn had more to do.
  bool stopped_{false};
};

}  // namespace carillon::io
