#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <carillon/overlay.hpp>

#include "link/address_port.hpp"
#include "peer/timer.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// The way into the ring (RFC 6940, 10.5 and 11.4): find a bootstrap node, attach to the peer that
/// is responsible for the place after ours, connect to the neighbors that it tells of, send it a
/// Join, take the data, and be named its predecessor.
class Joining {
 public:
  using Done = Overlay::Handler<void>;

  explicit Joining(PeerCore& core);

  void start(Done done);
  /// Looks whether the next step is possible; after every input.
  void step();
  void handle_join_completed();
  void handle_link_down(const NodeId& node);
  /// A Store of the AdmittingPeer has arrived: data is moving, be patient.
  void handle_progress(const NodeId& from);
  void abandon(const Error& why);

  /// Through whom messages go while we are not in the ring: the AdmittingPeer or the bootstrap
  /// node.
  [[nodiscard]] std::optional<NodeId> gateway() const;

 private:
  enum class Step : std::uint8_t {
    idle,
    pausing,     ///< Between two attempts.
    connecting,  ///< To a bootstrap node.
    attaching,   ///< To the peer that is responsible for the place after ours.
    meeting,     ///< The peers that will be our neighbors.
    asking,      ///< A JoinReq is under way.
    receiving,   ///< Data, and in the end the Update.
  };
  static constexpr unsigned max_tries_at_one_address = 10;

  void collect_addresses();
  void try_next_address(const std::string& why);
  void try_same_address(const std::string& why);
  void end_of_round();
  void connect();
  void attach();
  void send_join();
  void handle_join_response(std::expected<transport::Response, transport::RequestFailure> outcome);
  void pause(milliseconds how_long, std::move_only_function<void()> then);
  void enter(Step step, milliseconds timeout);
  void handle_timeout();
  void finish(Result<void> result);
  [[nodiscard]] const link::AddressPort& address() const { return addresses_[index_]; }

  PeerCore& core_;
  Done done_;
  Step step_{Step::idle};
  Timer timer_;
  std::uint64_t attempt_{0};  ///< Answers that belong to an earlier one are ignored.

  std::vector<link::AddressPort> addresses_;
  std::size_t index_{0};
  unsigned round_{0};
  unsigned tries_{0};                        ///< At the present address.
  std::map<link::AddressPort, NodeId> met_;  ///< Who was found at an address.
  std::optional<NodeId> bootstrap_node_;
  std::optional<NodeId> admitting_peer_;
  std::string last_failure_{"no bootstrap address is known"};
};

}  // namespace carillon::peer
