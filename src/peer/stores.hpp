#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "peer/timer.hpp"
#include "security/certificate_bucket.hpp"
#include "storage/signer.hpp"
#include "storage/storage_types.hpp"
#include "transport/request_handler.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// Stores, from the wire and from this node, on one path (RFC 6940, 7.4.1 and 10.4): judged and
/// written by Storage, sent on to the replicas, and answered when the write is durable here and as
/// many replicas have confirmed as the options say.
class Stores {
 public:
  using Done = std::move_only_function<void(storage::Answer<wire::StoreAns>)>;

  explicit Stores(PeerCore& core) : core_(core) {}

  void handle_store(Now now, transport::IncomingRequest request, transport::ResponseToken token);
  /// An original Store for a resource that we are responsible for. `certificates`: those of the
  /// values' signers. `done` may run at once.
  void store_original(wire::StoreReq request, const storage::Signer& signer,
                      const security::CertificateBucket& certificates, Done done);
  /// Judges a replica and writes it; one that came in a bundle, too. Who asks sees to the sync.
  [[nodiscard]] storage::Answer<storage::StoreOutcome> apply_replica(
      Now now, wire::StoreReq request, const transport::IncomingRequest& message);
  void stop() { pending_.clear(); }
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }

 private:
  struct Copy {
    NodeId node{};
    enum class State : std::uint8_t { under_way, confirmed, failed } state{};
  };
  /// A Store that is written, but not answered yet, or not yet by all replicas.
  struct Pending {
    explicit Pending(TimerQueue& timers) : deadline(timers) {}
    wire::StoreReq applied{};
    security::CertificateBucket certificates{};
    wire::StoreAns answer{};
    Done done{};
    bool synced{false};
    std::vector<Copy> copies{};
    Timer deadline;
  };

  /// If not, that is what the request is answered.
  [[nodiscard]] bool answers_for(const ResourceId& resource, Now now,
                                 transport::ResponseToken token);
  void handle_stray(Now now, const std::vector<storage::ResourceDigest>& held,
                    const transport::IncomingRequest& request, transport::ResponseToken token);
  void store_replica(Now now, wire::StoreReq request, const transport::IncomingRequest& message,
                     transport::ResponseToken token);
  void replicate(std::uint64_t id);
  void send_copy(std::uint64_t id, const NodeId& node);
  void handle_copy_outcome(std::uint64_t id, const NodeId& node,
                           std::expected<transport::Response, transport::RequestFailure> outcome);
  void handle_synced(std::uint64_t id, const Result<void>& result);
  void judge(std::uint64_t id);
  void answer(std::uint64_t id, storage::Answer<wire::StoreAns> answer);

  PeerCore& core_;
  std::uint64_t last_id_{0};
  std::unordered_map<std::uint64_t, std::unique_ptr<Pending>> pending_;
};

}  // namespace carillon::peer
