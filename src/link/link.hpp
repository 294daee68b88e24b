#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <carillon/error.hpp>

#include "base/bytes.hpp"
#include "base/fifo.hpp"
#include "base/time.hpp"
#include "link/frame.hpp"
#include "link/frame_reader.hpp"
#include "link/link_options.hpp"
#include "link/received_window.hpp"
#include "link/round_trip.hpp"

namespace carillon::link {

/// What a link has to say about the other side.
enum class LinkSignal : std::uint8_t {
  probe_wanted,  ///< Nothing heard for a while: send a message that has to be acknowledged.
  doubtful,      ///< No acknowledgement within the RTO: better not route through it (6.6.5).
  restored,      ///< It acknowledges again.
  silent,        ///< Nothing heard for too long: close it.
  failed,        ///< Doubtful for too long: close it.
};

struct LinkCounters {
  std::uint64_t messages_sent{};
  std::uint64_t messages_received{};
  std::uint64_t octets_sent{};  ///< Frames included.
  std::uint64_t octets_received{};
  std::uint64_t refused{};     ///< Messages for which the queue had no room.
  std::uint64_t stray_acks{};  ///< Acknowledgements of what was never sent.
};

/// One connection's framing over TLS/TCP without ICE (RFC 6940, 6.6.2 and 6.6.5): whole messages
/// in and out of a stream, acknowledgements, round-trip time, and knowing when the other side is
/// gone. TCP delivers in order and once, so nothing is retransmitted here (6.6.5), and an
/// acknowledgement covers everything sent before.
///
/// After each handle_* and send, drain poll_message, poll_frame and poll_signal.
class Link {
 public:
  /// The connection has just been opened. A node's links share their options.
  Link(MonotonicTime now, std::shared_ptr<const LinkOptions> options);
  Link(const LinkOptions& options, MonotonicTime now)
      : Link(now, std::make_shared<const LinkOptions>(options)) {}

  /// What arrived. An error means that the stream cannot be followed further and the connection
  /// must be closed: `malformed`, or `too_large` (then see oversized_message). Messages before
  /// the error can still be polled.
  [[nodiscard]] Result<void> handle_bytes(MonotonicTime now, ByteView octets);

  /// To be called at next_deadline, or as soon after it as the caller gets to run: what it is late
  /// by, beyond the stall tolerance, is not counted as the other side's silence.
  void handle_time(MonotonicTime now);

  /// Sends a message, now or when acknowledgements make room. `frame` is the message with
  /// frame_headroom free octets in front. `busy`: no room in the queue, nothing was kept;
  /// `too_large`: over the overlay's limit.
  [[nodiscard]] Result<void> send(MonotonicTime now, Bytes frame);

  /// The next message that arrived; valid until the next call, or the next handle_bytes.
  [[nodiscard]] std::optional<ByteView> poll_message();
  /// The next octets to put on the wire: exactly one frame, meant to be one TLS record.
  [[nodiscard]] std::optional<Bytes> poll_frame();
  [[nodiscard]] std::optional<LinkSignal> poll_signal();
  /// When the connection is gone: the messages that the other side has not acknowledged, or that
  /// have not been sent. It may have had the former all the same.
  [[nodiscard]] std::vector<Bytes> take_unacknowledged();

  /// Whether the other side's silence must be noticed at once, as it must be of the peers next to
  /// us on the ring. If not, a silent node is noticed when something is sent to it. New links are
  /// watched.
  void set_watched(bool watched, MonotonicTime now);

  /// Repeats the acknowledgement now if that is due, or on a watched link will be within half the
  /// time from one to the next: so that what watches several links wakes up once for all.
  void keep_alive_early(MonotonicTime now);

  /// When it is due to be repeated.
  [[nodiscard]] MonotonicTime keepalive_at() const;
  [[nodiscard]] MonotonicTime next_deadline() const;
  [[nodiscard]] ByteView oversized_message() const { return reader_.oversized_message(); }
  [[nodiscard]] bool is_doubtful() const { return doubtful_since_.has_value(); }
  [[nodiscard]] const RoundTrip& round_trip() const { return round_trip_; }
  [[nodiscard]] std::size_t unacknowledged() const { return unacknowledged_.size(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] const LinkCounters& counters() const { return counters_; }

 private:
  struct Sent {
    MonotonicTime at{};
    Bytes frame{};
  };

  [[nodiscard]] bool is_only_ack(MonotonicTime now, ByteView octets);
  void handle_ack(MonotonicTime now, const wire::AckFrame& ack);
  void handle_acknowledged(MonotonicTime now, std::uint32_t sequence, std::size_t count);
  void transmit(MonotonicTime now, Bytes frame);
  void acknowledge(MonotonicTime now, const wire::AckFrame& ack);
  void forgive_stall(MonotonicTime now);
  [[nodiscard]] bool has_room_for(std::size_t octets) const;
  [[nodiscard]] MonotonicTime probe_at() const;
  [[nodiscard]] MonotonicTime silent_at() const;

  std::shared_ptr<const LinkOptions> options_;
  FrameReader reader_;
  ReceivedWindow received_;
  RoundTrip round_trip_;

  Fifo<ByteView> messages_;  ///< Arrived, not yet polled; views into the reader.
  Fifo<Bytes> frames_;       ///< To be put on the wire.
  Fifo<LinkSignal> signals_;

  std::uint32_t next_sequence_{0};
  Fifo<Sent> unacknowledged_;  ///< The last one is next_sequence_ - 1.
  std::size_t unacknowledged_octets_{0};
  Fifo<Bytes> queue_;  ///< Wait for acknowledgements.
  std::size_t queued_octets_{0};

  MonotonicTime last_sent_;
  MonotonicTime last_received_;
  bool watched_{true};
  MonotonicTime watched_since_;
  bool probed_{false};  ///< A probe was asked for in the present silence.
  bool silent_{false};
  bool failed_{false};
  std::optional<MonotonicTime> doubtful_since_;
  LinkCounters counters_;
};

}  // namespace carillon::link
