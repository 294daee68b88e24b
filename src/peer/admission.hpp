#pragma once

#include <optional>

#include "transport/request_handler.hpp"

namespace carillon::peer {

class PeerCore;

/// The AdmittingPeer's side of a Join (RFC 6940, 10.5, 5 to 8): hand over the data, then name the
/// JoiningNode our predecessor. Until then we answer for its range, and what is written there
/// meanwhile goes to it as well. One at a time; others are told Error_In_Progress and try again.
class Admission {
 public:
  explicit Admission(PeerCore& core) : core_(core) {}

  void handle_join(Now now, const transport::IncomingRequest& request,
                   transport::ResponseToken token);
  void handle_link_down(const NodeId& node);
  void handle_range_changed();

  /// The JoiningNode, if it will be responsible for the resource.
  [[nodiscard]] std::optional<NodeId> heir_of(const ResourceId& resource) const;
  /// It did not confirm a Store that was made meanwhile.
  void handle_missed(const NodeId& node);
  [[nodiscard]] bool is_admitting(const NodeId& node) const { return joining_ == node; }
  void abandon() { joining_.reset(); }

 private:
  void hand_over();

  PeerCore& core_;
  std::optional<NodeId> joining_;
  bool missed_{false};
};

}  // namespace carillon::peer
