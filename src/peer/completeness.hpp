#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "peer/timer.hpp"
#include "storage/ring_interval.hpp"
#include "topology/ring_interval.hpp"
#include "transport/request_handler.hpp"

namespace carillon::peer {

class PeerCore;

/// Knows of which part of the ring this peer has everything: who made our copy equal to its own
/// tells us so (range_digest.hpp). A newcomer is admitted with what it will answer for; of what it
/// is a replica comes later. Should we have to answer for such a part before it has come, because
/// those before us died, we ask our successors, who hold it too, before we answer
/// (docs/decisions/0020-joining-in-two-steps.md).
///
/// The same if a successor was out of reach and comes back, and was a member all the time: it may
/// have taken us for dead, and have answered for our part. Until it has given back what it holds of
/// that, our own copy is not believed.
class Completeness {
 public:
  using Done = std::move_only_function<void(Result<void>)>;

  explicit Completeness(PeerCore& core);

  /// The copies of an interval are complete, says `request`'s sender, who sent them.
  void handle_notice(Now now, const storage::RingInterval& interval,
                     const transport::IncomingRequest& request, transport::ResponseToken token);
  /// We begin a ring: what we have is all there is.
  void start_alone();
  void handle_ring_changed();
  /// The link with a successor is lost, or was: a new one has replaced it.
  void handle_apart(const NodeId& node);

  /// We have all of what we are responsible for.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] bool covers(const storage::RingInterval& interval) const;
  /// We are responsible for it, but it may be that only others have its newest values.
  [[nodiscard]] bool may_lack(const ResourceId& resource) const;

  /// Takes what our successors have of the resource, as far as it is newer; then `done` runs.
  /// `in_progress`: nobody could be asked; `busy`.
  void take(const ResourceId& resource, Done done);
  void stop();

 private:
  /// Answers that a resource waits for.
  struct Taking {
    ResourceId resource{};
    std::size_t asked{0};
    bool answered{false};
    Done done{};
  };
  static constexpr std::size_t max_early = 8;
  static constexpr std::size_t max_lost = 8;
  static constexpr milliseconds patience{1'000};  ///< With one successor.
  /// Nobody tells us for so long: nobody is left who has more than we.
  static constexpr milliseconds longest_doubt{600'000};

  void add(const topology::RingInterval& interval);
  void look_for_returned();
  [[nodiscard]] bool extend_by(const topology::RingInterval& interval);
  void look_again();
  void ask(std::uint64_t id, const NodeId& node);
  void finish(std::uint64_t id);

  PeerCore& core_;
  /// Complete is (after, us]; nothing: no part. Pieces that do not reach up to it yet.
  std::optional<topology::RingInterval> complete_;
  std::vector<topology::RingInterval> early_;
  std::map<NodeId, MonotonicTime> lost_;  ///< Successors, and when.
  /// Those of them that are our replicas again, and may hold newer values of our part; and of what
  /// they have told that we have it all.
  std::map<NodeId, std::optional<topology::RingInterval>> returned_;
  bool was_complete_{true};
  Timer doubt_;  ///< Runs while we are not complete.
  std::uint64_t last_id_{0};
  std::unordered_map<std::uint64_t, Taking> taking_;
};

}  // namespace carillon::peer
