#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "peer/timer.hpp"
#include "transport/request_options.hpp"
#include "transport/response.hpp"
#include "wire/destination.hpp"
#include "wire/message_code.hpp"

namespace carillon::peer {

class PeerCore;

enum class CallId : std::uint64_t {};

/// One call of the application until its answer. The ring may change under it: what fails for
/// want of a way is tried again at once over the new one, and what stays without an answer is asked
/// again beside the first request (a hedge), until the deadline.
class Call {
 public:
  static constexpr unsigned max_hedges = 3;
  static constexpr milliseconds first_retry{50};
  static constexpr milliseconds longest_retry{1'000};

  Call(PeerCore& core, CallId id);
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void start();
  void end_with(const Error& error);

 protected:
  using Outcome = std::expected<transport::Response, transport::RequestFailure>;

  /// Asks once: here, if we are responsible, else by `send`.
  virtual void attempt() = 0;
  /// True: that was it, the call has its answer. False: try again.
  virtual void handle_response(const transport::Response& response) = 0;
  /// Hands the error to the application.
  virtual void give_up(const Error& error) = 0;

  /// Sends a request to whoever is responsible for `resource`.
  void send(const ResourceId& resource, wire::MessageCode code, Bytes body,
            transport::RequestOptions options = {});
  /// What went wrong: try again if that may help, else give up.
  void fail(const Error& error);
  /// The call has its answer, which was handed on. Destroys this object soon.
  void finish();
  /// For a walk: the next step has its own deadline and attempts.
  void start_step();

  [[nodiscard]] PeerCore& core() { return core_; }
  [[nodiscard]] CallId id() const { return id_; }
  [[nodiscard]] bool is_finished() const { return finished_; }

 private:
  void try_now();
  void set_hedge();

  PeerCore& core_;
  CallId id_;
  std::uint64_t step_{0};
  unsigned outstanding_{0};
  unsigned failures_{0};
  unsigned hedges_{0};
  bool finished_{false};
  std::optional<Error> last_error_;
  Timer deadline_;
  Timer next_try_;
};

/// Whether the same request may succeed a little later.
[[nodiscard]] bool is_transient(ErrorCode code);

}  // namespace carillon::peer
