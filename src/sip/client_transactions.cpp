#include "sip/client_transactions.hpp"

#include <algorithm>

namespace carillon::sip {
namespace {

/// What ACK and CANCEL take over from the request that they belong to.
SipMessage companion(const SipMessage& request, std::string_view method, std::string_view to) {
  auto message = SipMessage::request(method, request.request_uri());
  message.append(HeaderId::via, request.header(HeaderId::via));
  message.append(HeaderId::max_forwards, "70");
  message.append(HeaderId::from, request.header(HeaderId::from));
  message.append(HeaderId::to, to);
  message.append(HeaderId::call_id, request.header(HeaderId::call_id));
  const auto cseq = request.cseq();
  message.append(HeaderId::cseq,
                 std::to_string(cseq ? cseq->number : 0).append(" ").append(method));
  for (std::size_t i = 0; i < request.count(HeaderId::route); ++i) {
    message.append(HeaderId::route, request.header(HeaderId::route, i));
  }
  return message;
}

}  // namespace

SipMessage make_ack(const SipMessage& invite, const SipMessage& response) {
  return companion(invite, "ACK", response.header(HeaderId::to));
}

SipMessage make_cancel(const SipMessage& request) {
  return companion(request, "CANCEL", request.header(HeaderId::to));
}

void InviteClient::start() {
  octets_ = request_.serialize();
  timeout_.set(transaction_timeout, [this] {  // B
    state_ = State::failed;
    fail(ClientFailure::timeout);
  });
  if (!reliable()) retransmit_.set(interval_, [this] { retransmit(); });  // A
  if (!host_.send(hop(), octets_)) fail_soon();
}

void InviteClient::retransmit() {
  interval_ *= 2;
  retransmit_.set(interval_, [this] { retransmit(); });
  if (!host_.send(hop(), octets_)) fail_soon();
}

void InviteClient::handle_response(SipMessage response) {
  const int status = response.status();
  if (state_ == State::calling || state_ == State::proceeding) {
    retransmit_.cancel();
    timeout_.cancel();
    octets_.clear();
    octets_.shrink_to_fit();
    if (status < 200) {
      state_ = State::proceeding;
    } else if (status < 300) {
      state_ = State::accepted;
      request_ = {};  // The ACK is not ours to make; half a minute is long for two kilobytes.
      timeout_.set_loosely(transaction_timeout, [this] { end(); });  // M
    } else {
      state_ = State::completed;
      send_ack(response);
      if (!reliable()) timeout_.set_loosely(timer_d, [this] { end(); });  // D
    }
    const bool over = state_ == State::completed && reliable();
    host_.deliver(id(), std::move(response));
    if (over) end();
  } else if (state_ == State::accepted && status >= 200 && status < 300) {
    host_.deliver(id(), std::move(response));
  } else if (state_ == State::completed && status >= 300) {
    host_.send(hop(), ack_);
  }
}

void InviteClient::send_ack(const SipMessage& response) {
  ack_ = make_ack(request_, response).serialize();
  host_.send(hop(), ack_);
}

void InviteClient::handle_transport_error() {
  if (state_ != State::calling && state_ != State::proceeding) return;
  state_ = State::failed;
  fail(ClientFailure::transport);
}

void NonInviteClient::start() {
  timeout_.set(transaction_timeout, [this] {  // F
    state_ = State::failed;
    fail(ClientFailure::timeout);
  });
  if (!reliable()) retransmit_.set(interval_, [this] { retransmit(); });  // E
  if (!host_.send(hop(), octets_)) fail_soon();
}

void NonInviteClient::retransmit() {
  interval_ = state_ == State::proceeding ? timer_t2 : std::min(interval_ * 2, timer_t2);
  retransmit_.set(interval_, [this] { retransmit(); });
  if (!host_.send(hop(), octets_)) fail_soon();
}

void NonInviteClient::handle_response(SipMessage response) {
  if (state_ != State::trying && state_ != State::proceeding) return;
  if (response.status() < 200) {
    state_ = State::proceeding;
    return host_.deliver(id(), std::move(response));
  }
  state_ = State::completed;
  retransmit_.cancel();
  timeout_.cancel();
  const bool over = reliable();
  if (!over) timeout_.set_loosely(timer_t4, [this] { end(); });  // K
  host_.deliver(id(), std::move(response));
  if (over) end();
}

void NonInviteClient::handle_transport_error() {
  if (state_ != State::trying && state_ != State::proceeding) return;
  state_ = State::failed;
  fail(ClientFailure::transport);
}

}  // namespace carillon::sip
