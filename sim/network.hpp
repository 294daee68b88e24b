#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/prefetch.hpp"
#include "sim/event_queue.hpp"
#include "sim/host.hpp"
#include "sim/settings.hpp"

namespace carillon::sim {

inline constexpr HostIndex no_host = ~HostIndex{0};

/// The link of one life of a peer, in an event's number.
[[nodiscard]] constexpr std::uint64_t pack(std::uint32_t life, link::LinkId link) {
  return (std::uint64_t{life} << 40U) | static_cast<std::uint64_t>(link);
}
[[nodiscard]] constexpr std::uint32_t life_of(std::uint64_t packed) {
  return static_cast<std::uint32_t>(packed >> 40U);
}
[[nodiscard]] constexpr link::LinkId link_of(std::uint64_t packed) {
  return link::LinkId{packed & ((std::uint64_t{1} << 40U) - 1)};
}

/// Connections between hosts, and how long what is sent over them takes.
///
/// The core sees TCP: octets arrive in order and once, or the connection breaks. So what happens to
/// packets shows as time: a lost one comes after TCP's retransmission, one that was overtaken
/// holds up what follows, and in a direction that is cut everything waits until it is mended. Only
/// `frame_faults` does what no TCP would, to whole frames: the link layer must cope.
class Network {
 public:
  struct Counters {
    std::uint64_t messages{};  ///< Frames that carry a message.
    std::uint64_t frames{};    ///< Acknowledgements and keepalives included.
    std::uint64_t octets{};
    std::uint64_t lost{};
    std::uint64_t duplicated{};
    std::uint64_t connections{};
  };
  /// What a `deliver` or `closed` event is for.
  struct Arrival {
    Host* host{};
    link::LinkId link{};
  };

  Network(const Settings& settings, std::uint64_t seed, EventQueue& events,
          std::vector<std::unique_ptr<Host>>& hosts);

  /// Sends the SYN; the handshakes end in a `connect` event.
  void open(MonotonicTime now, Host& from, const peer::OpenLink& action);
  /// One frame.
  void send(MonotonicTime now, Host& from, link::LinkId link, Bytes octets);
  /// After what was sent before it has arrived, the other side hears of it.
  void close(MonotonicTime now, Host& from, link::LinkId link);
  /// The kernel closes what a dead process leaves behind; after a power failure nobody does.
  void drop_all(MonotonicTime now, Host& host, bool tell);

  /// Both sides have accepted: `near` opened it.
  void connected(Host& near, link::LinkId near_link, Host& far, link::LinkId far_link);
  /// Who gets what arrives; nothing if the connection or the peer has gone.
  [[nodiscard]] std::optional<Arrival> arrival(const Event& event);
  /// The same for a close, which ends the connection.
  [[nodiscard]] std::optional<Arrival> arrival_of_close(const Event& event);

  /// For World::look_ahead.
  void prefetch(const Event& event) const {
    carillon::prefetch(&connections_[event.subject], sizeof(Connection));
  }
  [[nodiscard]] HostIndex host_of(const Event& event) const {
    return connections_[event.subject].ends[event.side].host;
  }
  [[nodiscard]] link::LinkId link_of(const Event& event) const {
    return connections_[event.subject].ends[event.side].link;
  }

  [[nodiscard]] bool can_reach(const Host& from, const Host& to) const {
    return !cut_[from.group][to.group];
  }
  [[nodiscard]] MonotonicClock::duration latency(HostIndex a, HostIndex b) const;

  /// Cuts, or mends, everything from one group of hosts to another.
  void cut(std::uint8_t from, std::uint8_t to) { any_cut_ = cut_[from][to] = true; }
  void mend(MonotonicTime now);
  [[nodiscard]] bool is_cut() const { return any_cut_; }

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  static constexpr std::size_t max_groups = 4;
  struct End {
    HostIndex host{};
    std::uint32_t life{};
    link::LinkId link{};
    bool attached{false};                       ///< Its peer still knows the link.
    MonotonicTime last_arrival{};               ///< Of what this end has sent.
    std::unique_ptr<std::deque<Bytes>> held{};  ///< Sent while the way was cut.
  };
  struct Connection {
    std::array<End, 2> ends{};
    std::uint64_t generation{0};
    MonotonicClock::duration latency{};
  };

  [[nodiscard]] std::optional<EndIndex> find(const Host& host, link::LinkId link) const;
  void forget(Host& host, link::LinkId link);
  void detach(EndIndex end);
  void put_on_wire(MonotonicTime now, EndIndex from, Bytes octets);
  [[nodiscard]] MonotonicTime arrival_time(MonotonicTime now, EndIndex from, std::size_t octets);
  [[nodiscard]] End& end_of(EndIndex index) { return connections_[index / 2].ends[index % 2]; }

  SmallRandom random_;
  std::uint64_t pair_seed_;
  EventQueue& events_;
  std::vector<std::unique_ptr<Host>>& hosts_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> free_;
  std::array<std::array<bool, max_groups>, max_groups> cut_{};
  bool any_cut_{false};
  Counters counters_;

  double median_us_;
  double sigma_;
  double jitter_us_;
  double loss_;
  double reordering_;
  double duplication_;
  double frame_faults_;
  double us_per_octet_;
  bool any_slow_;  ///< Hosts that take their time for each packet.
};

}  // namespace carillon::sim
