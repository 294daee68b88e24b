#pragma once

#include <string>

#include "base/bounded_cache.hpp"
#include "base/time.hpp"
#include "transport/request_handler.hpp"

namespace carillon::peer {

class PeerCore;

/// Keeps the configuration document the same all over the overlay (RFC 6940, 6.3.2.1 and 6.5.4).
class ConfigUpdates {
 public:
  /// One node is sent our document at most this often.
  static constexpr milliseconds send_interval{5'000};
  static constexpr std::size_t max_remembered = 1'024;

  explicit ConfigUpdates(PeerCore& core) : core_(core), sent_(max_remembered) {}

  void handle_mismatch(Now now, const transport::ConfigMismatch& mismatch);
  void handle_update(Now now, const transport::IncomingRequest& request,
                     transport::ResponseToken token);
  /// Takes over a later document, if it may replace ours; errors as config::verify_successor.
  [[nodiscard]] Result<void> take(std::string text);
  /// A node does not know a Kind that we asked it for (7.4.1.2): it gets our whole document.
  void handle_unknown_kind(const NodeId& node);

 private:
  void send(const NodeId& node);
  void apply();

  PeerCore& core_;
  BoundedCache<NodeId, MonotonicTime> sent_;
};

}  // namespace carillon::peer
