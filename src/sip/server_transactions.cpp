#include "sip/server_transactions.hpp"

#include <algorithm>

namespace carillon::sip {

void InviteServer::handle_retransmission() {
  // RFC 6026, 7.1: in accepted and confirmed, retransmissions are absorbed silently.
  const bool repeats = state_ == State::proceeding || state_ == State::completed;
  if (repeats && !last_.empty()) send_last();
}

void InviteServer::respond(int status, std::string octets) {
  if (state_ == State::accepted) {
    // The user agent server repeats its 2xx until the ACK; each is passed on, so are the 2xx of
    // other branches.
    if (status >= 200 && status < 300) host_.send(reply_to(), std::move(octets));
    return;
  }
  if (state_ != State::proceeding) return;
  last_ = std::move(octets);
  if (status < 200) return send_last();
  if (status >= 300) return complete();
  state_ = State::accepted;
  timer_.set_loosely(transaction_timeout, [this] { end(); });  // L
  host_.send(reply_to(), std::move(last_));
}

void InviteServer::complete() {
  state_ = State::completed;
  if (reliable()) {
    timer_.set_loosely(transaction_timeout, [this] { end(); });  // H
  } else {
    timer_.set(interval_, [this] { retransmit(); });  // G
  }
  send_last();
}

void InviteServer::retransmit() {
  remaining_ -= interval_;
  if (remaining_ <= milliseconds{0}) {  // H: no ACK came
    state_ = State::ended;
    return end();
  }
  interval_ = std::min({interval_ * 2, timer_t2, remaining_});
  timer_.set(interval_, [this] { retransmit(); });
  send_last();
}

bool InviteServer::handle_ack() {
  if (state_ == State::accepted) return false;
  if (state_ != State::completed) return true;
  state_ = State::confirmed;
  last_.clear();
  if (reliable()) {
    end();
  } else {
    timer_.set_loosely(timer_t4, [this] { end(); });  // I
  }
  return true;
}

void NonInviteServer::handle_retransmission() {
  if (state_ != State::trying) send_last();
}

void NonInviteServer::respond(int status, std::string octets) {
  if (state_ == State::completed) return;
  last_ = std::move(octets);
  if (status < 200) {
    state_ = State::proceeding;
    return send_last();
  }
  state_ = State::completed;
  if (reliable()) {
    // J is zero.
    host_.send(reply_to(), std::move(last_));
    return end();
  }
  timer_.set_loosely(transaction_timeout, [this] { end(); });  // J
  send_last();
}

}  // namespace carillon::sip
