#include "link/link.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace carillon::link {

Link::Link(MonotonicTime now, std::shared_ptr<const LinkOptions> options)
    : options_(std::move(options)),
      reader_(std::min(options_->max_message_size, wire::FramedMessage::max_message)),
      round_trip_(*options_),
      last_sent_(now),
      last_received_(now),
      watched_since_(now) {}

Result<void> Link::handle_bytes(MonotonicTime now, ByteView octets) {
  if (octets.empty()) return {};
  last_received_ = now;
  probed_ = false;
  counters_.octets_received += octets.size();
  messages_.clear();  // Views into the reader, which moves its octets when fed.
  if (is_only_ack(now, octets)) return {};
  reader_.feed(octets);

  // One acknowledgement covers up to 33 messages that came together: the last one and its mask.
  constexpr std::size_t acknowledged_at_once = 33;
  std::optional<wire::AckFrame> pending;
  std::size_t pending_count = 0;
  const auto flush = [&] {
    if (pending) acknowledge(now, *pending);
    pending.reset();
    pending_count = 0;
  };
  for (;;) {
    auto frame = reader_.next();
    if (!frame || !*frame) {
      flush();
      if (!frame) return std::unexpected(std::move(frame.error()));
      return {};
    }
    if (const auto* ack = std::get_if<wire::AckFrame>(&(*frame)->frame)) {
      handle_ack(now, *ack);
      continue;
    }
    const auto& data = std::get<wire::DataFrame>((*frame)->frame);
    ++counters_.messages_received;
    pending = received_.record(data.sequence);
    messages_.push_back(data.message);
    if (++pending_count == acknowledged_at_once) flush();
  }
}

/// Most of what arrives on a link is one acknowledgement, which need not go through the reader.
bool Link::is_only_ack(MonotonicTime now, ByteView octets) {
  if (octets.size() != wire::FramedMessage::ack_size || !reader_.is_empty()) return false;
  const auto frame = wire::next_frame(octets, 0);
  if (!frame || !*frame) return false;
  const auto* ack = std::get_if<wire::AckFrame>(&(*frame)->framed.frame);
  if (ack == nullptr) return false;
  handle_ack(now, *ack);
  return true;
}

void Link::handle_ack(MonotonicTime now, const wire::AckFrame& ack) {
  const auto outstanding = static_cast<std::uint32_t>(unacknowledged_.size());
  const std::uint32_t oldest = next_sequence_ - outstanding;
  const std::uint32_t ahead = ack.ack_sequence - oldest;  // Serial arithmetic: it may wrap.
  if (ahead < outstanding) {
    handle_acknowledged(now, ack.ack_sequence, std::size_t{ahead} + 1);
    return;
  }
  // A keepalive repeats the last acknowledgement, or says 0 before there was a message.
  const bool repeats = ack.ack_sequence == oldest - 1 || ack.ack_sequence == 0;
  if (!repeats) ++counters_.stray_acks;
}

void Link::handle_acknowledged(MonotonicTime now, std::uint32_t sequence, std::size_t count) {
  // A keepalive from before our first message looks like its acknowledgement: no measurement.
  const bool may_be_keepalive = sequence == 0;
  if (!may_be_keepalive) round_trip_.record(now - unacknowledged_[count - 1].at);
  for (; count > 0; --count) {
    unacknowledged_octets_ -= unacknowledged_.front().frame.size();
    unacknowledged_.pop_front();
  }
  if (doubtful_since_) {
    doubtful_since_.reset();
    signals_.push_back(LinkSignal::restored);
  }
  while (!queue_.empty() && has_room_for(queue_.front().size())) {
    Bytes frame = queue_.take_front();
    queued_octets_ -= frame.size();
    transmit(now, std::move(frame));
  }
}

Result<void> Link::send(MonotonicTime now, Bytes frame) {
  const std::size_t size = frame.size() - frame_headroom;
  if (size > options_->max_message_size || size > wire::FramedMessage::max_message) {
    return fail(ErrorCode::too_large, "Link.send",
                "message has " + std::to_string(size) + " octets, the overlay allows " +
                    std::to_string(options_->max_message_size));
  }
  if (queue_.empty() && has_room_for(frame.size())) {
    transmit(now, std::move(frame));
    return {};
  }
  if (queue_.size() >= options_->max_queued_messages ||
      queued_octets_ + frame.size() > options_->max_queued_octets) {
    ++counters_.refused;
    return fail(ErrorCode::busy, "Link.send", "the queue is full");
  }
  queued_octets_ += frame.size();
  queue_.push_back(std::move(frame));
  return {};
}

bool Link::has_room_for(std::size_t octets) const {
  if (unacknowledged_.empty()) return true;
  return unacknowledged_.size() < options_->max_unacknowledged_messages &&
         unacknowledged_octets_ + octets <= options_->max_unacknowledged_octets;
}

void Link::transmit(MonotonicTime now, Bytes frame) {
  write_data_frame_header(frame, next_sequence_++);
  unacknowledged_.push_back({now, frame});
  unacknowledged_octets_ += frame.size();
  last_sent_ = now;
  ++counters_.messages_sent;
  counters_.octets_sent += frame.size();
  frames_.push_back(std::move(frame));
}

void Link::acknowledge(MonotonicTime now, const wire::AckFrame& ack) {
  frames_.push_back(wire::encode(wire::FramedMessage{ack}));
  counters_.octets_sent += wire::FramedMessage::ack_size;
  last_sent_ = now;
}

void Link::handle_time(MonotonicTime now) {
  forgive_stall(now);
  if (now >= keepalive_at()) acknowledge(now, received_.latest());
  if (!silent_ && now >= silent_at()) {
    silent_ = true;
    signals_.push_back(LinkSignal::silent);
  } else if (!probed_ && now >= probe_at()) {
    probed_ = true;
    signals_.push_back(LinkSignal::probe_wanted);
  }
  if (doubtful_since_) {
    if (!failed_ && now - *doubtful_since_ >= options_->failed_after) {
      failed_ = true;
      signals_.push_back(LinkSignal::failed);
    }
  } else if (!unacknowledged_.empty() && now - unacknowledged_.front().at >= round_trip_.rto()) {
    doubtful_since_ = now;
    signals_.push_back(LinkSignal::doubtful);
  }
}

/// What was held up was us: the other side had no chance to be heard meanwhile.
void Link::forgive_stall(MonotonicTime now) {
  const auto lateness = now - next_deadline();
  if (lateness <= options_->stall_tolerance) return;
  last_received_ = std::min(now, last_received_ + lateness);
  for (auto& sent : unacknowledged_)
    sent.at = std::min(now, sent.at + lateness);
  if (doubtful_since_) doubtful_since_ = std::min(now, *doubtful_since_ + lateness);
}

void Link::set_watched(bool watched, MonotonicTime now) {
  if (watched && !watched_) {
    watched_since_ = now;
    // Due now, and not long ago: nothing was held up.
    last_sent_ = std::max(last_sent_, now - options_->keepalive_after);
    last_received_ = std::max(last_received_, now - options_->probe_after);
  }
  watched_ = watched;
}

void Link::keep_alive_early(MonotonicTime now) {
  const auto early = watched_ ? options_->keepalive_after / 2 : milliseconds{0};
  if (now >= keepalive_at() - early) acknowledge(now, received_.latest());
}

MonotonicTime Link::keepalive_at() const {
  return last_sent_ + (watched_ ? options_->keepalive_after : options_->idle_keepalive_after);
}

MonotonicTime Link::probe_at() const {
  return last_received_ + (watched_ ? options_->probe_after : options_->idle_probe_after);
}

MonotonicTime Link::silent_at() const {
  if (watched_) return std::max(last_received_, watched_since_) + options_->silent_after;
  // Nothing is owed to us but the keepalive, and what answers our own frames.
  const MonotonicTime owed_since =
      unacknowledged_.empty() ? probe_at() : std::max(last_received_, unacknowledged_.front().at);
  return owed_since + options_->silent_after;
}

MonotonicTime Link::next_deadline() const {
  MonotonicTime deadline = keepalive_at();
  if (!silent_) {
    deadline = std::min(deadline, silent_at());
    if (!probed_) deadline = std::min(deadline, probe_at());
  }
  if (doubtful_since_) {
    if (!failed_) deadline = std::min(deadline, *doubtful_since_ + options_->failed_after);
  } else if (!unacknowledged_.empty()) {
    deadline = std::min(deadline, unacknowledged_.front().at + round_trip_.rto());
  }
  return deadline;
}

std::vector<Bytes> Link::take_unacknowledged() {
  std::vector<Bytes> messages;
  const auto take = [&](const Bytes& frame) {
    messages.push_back(to_bytes(ByteView{frame}.subspan(frame_headroom)));
  };
  for (; !unacknowledged_.empty(); unacknowledged_.pop_front())
    take(unacknowledged_.front().frame);
  for (; !queue_.empty(); queue_.pop_front())
    take(queue_.front());
  unacknowledged_octets_ = queued_octets_ = 0;
  return messages;
}

std::optional<ByteView> Link::poll_message() {
  if (messages_.empty()) {
    reader_.release();
    return std::nullopt;
  }
  return messages_.take_front();
}

std::optional<Bytes> Link::poll_frame() {
  if (frames_.empty()) return std::nullopt;
  return frames_.take_front();
}

std::optional<LinkSignal> Link::poll_signal() {
  if (signals_.empty()) return std::nullopt;
  return signals_.take_front();
}

}  // namespace carillon::link
