#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/fifo.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "forwarding/forwarding.hpp"
#include "security/authenticator.hpp"
#include "security/credential.hpp"
#include "transport/answer_cache.hpp"
#include "transport/request_handler.hpp"
#include "transport/request_options.hpp"
#include "transport/response.hpp"
#include "transport/transport_counters.hpp"
#include "transport/transport_options.hpp"
#include "wire/message.hpp"

namespace carillon::transport {

/// The Message Transport (RFC 6940, 1.2.2): requests and their responses, end to end. Signs what
/// goes out, verifies what comes in, repeats requests (6.2.1), answers repetitions from a cache.
///
/// How to drive it: after every input to Forwarding, every run of the timers and every call here,
/// call `pump`, then drain `poll_link_event`; repeat until neither has anything. Only then drain
/// Forwarding's actions. `pump` is the only place from which handlers are called; they may call
/// everything here but `pump`.
class MessageTransport {
 public:
  /// What is needed of others; all must outlive the transport.
  struct Dependencies {
    forwarding::Forwarding& forwarding;
    const security::Credential& credential;  ///< This node's own.
    security::Authenticator& authenticator;
    ResponderOracle& oracle;
    RequestHandler& handler;
    TimerQueue& timers;
    Random& random;
  };

  MessageTransport(TransportOptions options, Dependencies dependencies);
  ~MessageTransport();
  MessageTransport(const MessageTransport&) = delete;
  MessageTransport& operator=(const MessageTransport&) = delete;

  /// Sends a request to the end of `destinations`. The handler runs once, later, from `pump`:
  /// with a response, or a failure (see RequestFailure). Handlers that still wait when the
  /// transport is destroyed are dropped. Returns the transaction, for `cancel`.
  wire::TransactionId request(Now now, wire::DestinationList destinations, wire::MessageCode code,
                              Bytes body, RequestOptions options, ResponseHandler handler);
  /// The same for a body that knows its code.
  template <typename Body>
  wire::TransactionId request(Now now, wire::DestinationList destinations, const Body& body,
                              RequestOptions options, ResponseHandler handler) {
    return request(now, std::move(destinations), Body::code, wire::encode(body), std::move(options),
                   std::move(handler));
  }

  /// Ends a request early: its handler gets `error` from the next `pump`. An answer that comes
  /// after all is ignored. Harmless for a transaction that has ended.
  void cancel(wire::TransactionId transaction, Error error);

  /// Answers a request with success: `code` is the request's answer code. An answer that the
  /// requesting node or the overlay would refuse for its size becomes Error_Response_Too_Large.
  void respond(Now now, ResponseToken token, Bytes body,
               security::CertificateBucket certificates = {});
  template <typename Body>
  void respond(Now now, ResponseToken token, const Body& body,
               security::CertificateBucket certificates = {}) {
    respond(now, token, wire::encode(body), std::move(certificates));
  }
  void respond_error(Now now, ResponseToken token, const wire::ErrorResponse& error);
  void respond_error(Now now, ResponseToken token, const Error& error) {
    respond_error(now, token, wire::ErrorResponse::from(error));
  }

  /// Takes up what Forwarding has for this node, and runs handlers until there is nothing left.
  void pump(Now now);
  /// Nothing waits for `pump` now.
  [[nodiscard]] bool is_idle() const { return upcalls_.empty() && !to_.forwarding.has_incoming(); }
  /// Link events, which must be taken here and not from Forwarding: requests that went over a link
  /// that is gone are sent again, or fail, as their options say.
  [[nodiscard]] std::optional<forwarding::LinkEvent> poll_link_event(Now now);

  /// After a new configuration document.
  void set_configuration(config::ConfigSequence sequence, milliseconds reliability_timer);
  void set_observer(MessageObserver observer) { observer_ = std::move(observer); }

  /// How many octets a body may have if `certificates` and the node's own travel with it and the
  /// message shall stay within the overlay's max-message-size over a usual number of hops.
  [[nodiscard]] std::size_t max_body_size(const security::CertificateBucket& certificates) const;
  [[nodiscard]] std::size_t pending() const { return transactions_.size(); }
  [[nodiscard]] const TransportCounters& counters() const { return counters_; }

 private:
  struct Transaction {
    wire::DestinationList destinations{};
    wire::MessageCode code{};
    Bytes payload{};  ///< Signed once; repeated as it is.
    std::uint32_t max_response_length{};
    std::vector<wire::ForwardingOption> forwarding_options{};
    ResponderCheck responder{};
    OnLinkDown on_link_down{};
    unsigned sends_left{};
    milliseconds interval{};
    MonotonicTime started{};
    MonotonicTime fails_at{};
    bool was_sent{};
    std::optional<NodeId> next_hop{};
    TimerId timer{};
    std::optional<Error> advice{};  ///< What a node on the way, or our own forwarding, last said.
    ResponseHandler handler{};
  };
  using Transactions = std::unordered_map<wire::TransactionId, Transaction>;
  using Outcome = std::expected<Response, RequestFailure>;

  /// A message that was taken apart, and whose signature is good.
  struct Verified {
    wire::MessageContents contents{};
    security::SignerInfo signer{};
    security::CertificateBucket certificates{};
  };

  struct Request {
    IncomingRequest request;
    ResponseToken token;
  };
  struct Completion {
    ResponseHandler handler;
    Outcome outcome;
  };
  using Upcall = std::variant<Request, Completion, ConfigMismatch>;

  void transmit(Now now, wire::TransactionId id, Transaction& transaction);
  void handle_unsent(Now now, wire::TransactionId id, Transaction& transaction, Error error);
  void set_timer(wire::TransactionId id, Transaction& transaction, MonotonicTime at);
  void handle_timer(Now now, wire::TransactionId id);
  void finish(wire::TransactionId id, Outcome outcome);
  void handle_link_down(Now now, const NodeId& node);
  void run(Now now, Upcall upcall);

  void handle_delivered(Now now, forwarding::Delivered message);
  void handle_rejected(Now now, const forwarding::Rejected& rejected);
  [[nodiscard]] std::optional<Verified> verify(Now now, wire::TransactionId id,
                                               wire::Payload payload);
  void handle_request(Now now, forwarding::Delivered message, Verified verified);
  [[nodiscard]] bool is_repeated(Now now, const forwarding::Delivered& message,
                                 const Verified& verified);
  [[nodiscard]] std::optional<wire::ErrorResponse> objection(const wire::ForwardingHeader& header,
                                                             const Verified& verified);
  [[nodiscard]] std::optional<wire::ErrorResponse> check_configuration(
      const wire::ForwardingHeader& header, const Verified& verified);
  void handle_response(wire::TransactionId id, Verified verified);
  void handle_error(wire::TransactionId id, Verified verified);
  [[nodiscard]] bool is_right_responder(const Transaction& transaction, const NodeId& signer) const;

  void answer(Now now, ResponseToken token, wire::MessageContents contents,
              security::CertificateBucket certificates);
  [[nodiscard]] Result<Bytes> sign(const security::Credential& credential, wire::TransactionId id,
                                   const wire::MessageContents& contents,
                                   security::CertificateBucket certificates);
  void answer_again(Now now, const ReceivedRequest& request);
  void send_answer(Now now, const ReceivedRequest& request, wire::MessageCode code,
                   ByteView payload);
  [[nodiscard]] bool is_too_large(const ReceivedRequest& request, std::size_t payload) const;
  [[nodiscard]] AnswerCache& cache_for(wire::MessageCode code);
  [[nodiscard]] ReceivedRequest* find_request(ResponseToken token);
  [[nodiscard]] bool may_reject(Now now);
  void observe(MessageDirection direction, wire::MessageCode code, std::size_t octets,
               std::optional<MonotonicClock::duration> round_trip = {});

  TransportOptions options_;
  Dependencies to_;
  Transactions transactions_;
  AnswerCache answers_;
  AnswerCache read_answers_;
  std::uint64_t last_token_{0};
  Fifo<Upcall> upcalls_;

  MonotonicTime rejections_since_{};
  unsigned rejections_{0};
  TransportCounters counters_;
  MessageObserver observer_;
};

}  // namespace carillon::transport
