#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/fifo.hpp"
#include "base/time.hpp"
#include "base/timer_queue.hpp"
#include "transport/request_handler.hpp"
#include "wire/destination.hpp"
#include "wire/forwarding_option.hpp"
#include "wire/message_code.hpp"

namespace carillon::transport {

/// A request that came in, and what is needed to answer it.
struct ReceivedRequest {
  NodeId signer{};
  wire::TransactionId transaction_id{};
  wire::MessageCode code{};
  std::uint32_t max_response_length{};
  /// Of the repetition that came last: that way works.
  wire::DestinationList return_path{};
  std::vector<wire::ForwardingOption> response_options{};  ///< RESPONSE_COPY (6.3.2.3).
  bool is_answered{false};
  /// MessageContents and SecurityBlock. Not kept of an answer that has no body, of which there are
  /// most (Updates): it is signed again if it is asked for again.
  Bytes answer{};
};

/// The requests of the last 15 seconds by signer and transaction id, so that a repetition gets the
/// same answer, and does not do the same thing twice (RFC 6940, 6.2.1).
class AnswerCache {
 public:
  AnswerCache(std::size_t max_requests, std::size_t max_octets, milliseconds lifetime,
              TimerQueue& timers);
  ~AnswerCache();
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  /// Null if it is new. Valid until the next call that is not a query.
  [[nodiscard]] ReceivedRequest* find(const NodeId& signer, wire::TransactionId transaction);
  [[nodiscard]] ReceivedRequest* find(ResponseToken token);
  /// Remembers a new request; forgets the oldest if there are too many (the limit is not zero).
  void add(Now now, ResponseToken token, ReceivedRequest request);
  /// Remembers the answer (see above) of a request that is here and has none. `request` may be
  /// forgotten by this, if answers take too much room.
  void set_answer(ReceivedRequest& request, Bytes answer);
  /// A repetition will count as new.
  void forget(ResponseToken token);

  [[nodiscard]] std::size_t size() const { return requests_.size(); }
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  struct Key {
    NodeId signer{};
    wire::TransactionId transaction_id{};
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<NodeId>{}(key.signer) ^
             static_cast<std::size_t>(key.transaction_id) * 0x9e3779b97f4a7c15U;
    }
  };
  struct Age {
    ResponseToken token{};
    MonotonicTime expires{};
  };

  void forget_oldest();
  void expire(Now now);
  void set_timer();

  std::size_t max_requests_;
  std::size_t max_octets_;
  milliseconds lifetime_;
  TimerQueue& timers_;
  std::unordered_map<ResponseToken, ReceivedRequest> requests_;
  std::unordered_map<Key, ResponseToken, KeyHash> tokens_;
  Fifo<Age> by_age_;
  std::size_t octets_{0};
  TimerId timer_{};
};

}  // namespace carillon::transport
