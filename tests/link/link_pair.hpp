#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "link/link.hpp"

namespace carillon::link {

inline constexpr MonotonicTime start{};

inline Bytes message_of(std::size_t size, std::uint8_t octet = 0x5a) {
  return Bytes(size, octet);
}

/// A frame in a readable form: "data 3 (5 octets)", "ack 3 0x7".
inline std::string describe(ByteView octets) {
  auto frame = wire::next_frame(octets, wire::FramedMessage::max_message);
  if (!frame || !*frame || (*frame)->size != octets.size()) return "not exactly one frame";
  if (const auto* ack = std::get_if<wire::AckFrame>(&(*frame)->framed.frame)) {
    return "ack " + std::to_string(ack->ack_sequence) + " mask " + std::to_string(ack->received);
  }
  const auto& data = std::get<wire::DataFrame>((*frame)->framed.frame);
  return "data " + std::to_string(data.sequence) + " size " + std::to_string(data.message.size());
}

inline std::vector<Bytes> take_frames(Link& link) {
  std::vector<Bytes> frames;
  while (auto frame = link.poll_frame())
    frames.push_back(std::move(*frame));
  return frames;
}

inline std::vector<std::string> take_descriptions(Link& link) {
  std::vector<std::string> descriptions;
  for (const Bytes& frame : take_frames(link))
    descriptions.push_back(describe(frame));
  return descriptions;
}

inline std::vector<Bytes> take_messages(Link& link) {
  std::vector<Bytes> messages;
  while (auto message = link.poll_message())
    messages.push_back(to_bytes(*message));
  return messages;
}

inline std::vector<LinkSignal> take_signals(Link& link) {
  std::vector<LinkSignal> signals;
  while (auto signal = link.poll_signal())
    signals.push_back(*signal);
  return signals;
}

/// Both ends of a connection without latency, under virtual time.
struct LinkPair {
  explicit LinkPair(LinkOptions options = {}) : a(options, start), b(options, start) {}

  /// Carries octets in both directions until there are none.
  void settle() {
    for (bool moved = true; moved;) {
      moved = carry(a, b);
      moved = carry(b, a) || moved;
    }
  }

  /// Lets time pass, visiting every deadline.
  void run_until(MonotonicTime end) {
    for (;;) {
      const MonotonicTime deadline = std::min(a.next_deadline(), b.next_deadline());
      if (deadline > end) break;
      now = std::max(now, deadline);
      if (a.next_deadline() <= now) a.handle_time(now);
      if (b.next_deadline() <= now) b.handle_time(now);
      settle();
    }
    now = end;
  }

  MonotonicTime now{start};
  Link a;
  Link b;
  bool cut{false};  ///< Nothing arrives any more.

 private:
  bool carry(Link& from, Link& to) {
    bool moved = false;
    while (auto frame = from.poll_frame()) {
      moved = true;
      if (!cut) (void)to.handle_bytes(now, *frame);
    }
    return moved;
  }
};

}  // namespace carillon::link
