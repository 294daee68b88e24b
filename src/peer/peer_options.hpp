#pragma once

#include <cstddef>
#include <vector>

#include "base/time.hpp"
#include "link/address_port.hpp"
#include "topology/chord.hpp"

namespace carillon::peer {

/// How one peer behaves. What the whole overlay agrees on stands in the configuration document.
/// The defaults are what ships.
struct PeerOptions {
  /// Where other peers reach us: goes into our Attach candidates. A numeric address.
  link::AddressPort listen{};
  /// Tried in turn, before the bootstrap-node elements of the configuration document (11.4).
  std::vector<link::AddressPort> bootstrap{};
  /// Peers that this one was connected to in an earlier life (11.4); tried first.
  std::vector<link::AddressPort> remembered{};
  /// If none of them answers, start a new ring (6.4.2.1: otherwise a node never does).
  bool first{false};

  /// Replicas that must have confirmed a Store before it is answered, if there are so many.
  unsigned confirmations{1};

  // Joining.
  milliseconds bootstrap_timeout{4'000};  ///< For one address: from connecting to the AP's Update.
  milliseconds join_timeout{60'000};      ///< From the JoinReq to responsibility; data moves here.
  milliseconds join_retry_first{250};     ///< Pause after all addresses failed; doubles each time,
  milliseconds join_retry_longest{15'000};  ///< up to this.
  unsigned join_rounds{5};                  ///< Through all addresses, then `join` fails.

  // Leaving.
  milliseconds drain_deadline{25'000};   ///< For handing the stored data on.
  milliseconds goodbye_deadline{2'000};  ///< For the LeaveAns.

  // Requests of this node.
  milliseconds call_deadline{15'000};  ///< lookup, store, find_next, all attempts together.
  /// No answer for so long: ask again over today's route. A little longer than a link's first RTO,
  /// after which a node that does not acknowledge is no longer part of it.
  milliseconds hedge_after{1'100};
  milliseconds replica_timeout{3'000};  ///< For one replica's confirmation.
  std::size_t max_calls{16'384};        ///< Calls that wait for an answer; more are `busy`.

  // Moving data between peers.
  std::size_t transfer_window{32};  ///< Stores under way in one transfer,
  std::size_t joining_window{128};  ///< and in one to a peer that is joining: it syncs seldom.
  milliseconds bundle_pause{1};     ///< Between two steps of taking bundles in, at least.
  std::size_t max_transfers{64};    ///< Transfers that wait or run.
  std::size_t transfers_at_once{4};
  /// Resources that the other side is asked to go through for one answer: it has to come in time.
  std::size_t compared_at_once{65'536};
  std::size_t max_missed{4'096};  ///< Resources that one replica is known to have missed.
  milliseconds comparison_interval{300'000};  ///< With each replica: do our copies agree?
  milliseconds drop_delay{60'000};            ///< Before forgetting what others hold now (10.7.3).

  // Connections.
  std::size_t max_attaches{256};  ///< Under way, both directions.
  std::size_t max_known_peers{64};
  std::size_t max_unneeded_links{64};      ///< To nodes that are neither neighbor nor finger.
  milliseconds reconnect_first{2'000};     ///< To a lost neighbor; doubles each time,
  milliseconds reconnect_longest{60'000};  ///< up to this.
  unsigned reconnect_attempts{12};
  milliseconds partition_interval{120'000};  ///< 10.7.4.4

  topology::ChordOptions chord{};  ///< Intervals and recovery come from the configuration document.
};

}  // namespace carillon::peer
