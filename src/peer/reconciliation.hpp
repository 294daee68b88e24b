#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "peer/range_digest.hpp"
#include "peer/timer.hpp"
#include "security/certificate_bucket.hpp"
#include "storage/storage_types.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// What the other side is asked at once, and what has to wait for the next time.
struct DigestQuestion {
  std::vector<storage::RingInterval> intervals{};
  std::vector<RangeDigest> ours{};  ///< Of each.
  std::vector<storage::RingInterval> later{};
};

/// Leaves out where we have nothing: there is nothing to send. `most`: resources that are asked
/// for at once, unless one interval alone has more.
[[nodiscard]] DigestQuestion make_question(const std::vector<storage::RingInterval>& intervals,
                                           const std::vector<RangeDigest>& ours, std::size_t most);

/// Makes one peer's copy of an interval as good as ours. Compares digests, ever finer where they
/// differ; sends replicas of what differs, a bounded number at a time; where the other side says
/// that it has newer values, takes those (RFC 6940, 7.4.1.1).
class Reconciliation : public std::enable_shared_from_this<Reconciliation> {
 public:
  /// Resources that are rather sent than compared more finely.
  static constexpr std::size_t worth_comparing = 32;
  static constexpr std::size_t page_resources = 32;
  static constexpr std::size_t page_octets = std::size_t{256} << 10U;
  static constexpr std::size_t messages_per_spell = 2;
  static constexpr unsigned max_retries = 3;  ///< Of one message, then all has failed.
  static constexpr milliseconds retry_pause{200};

  /// `forbidden`: the other side has all but some values, which it refused.
  using Done = std::move_only_function<void(Result<void>)>;

  Reconciliation(PeerCore& core, const NodeId& target, const storage::RingInterval& interval,
                 Done done);

  void start();
  /// A spell of sending (PacedWork); false if there is nothing that may be sent now. May end it
  /// all.
  bool send_some();
  /// Ends it early; `done` runs with the error.
  void abandon(Error why);

 private:
  /// One Store, or a piece of what is too large for one.
  struct Message {
    wire::StoreReq request{};
    security::CertificateBucket certificates{};
    unsigned tries{0};
    bool merged{false};            ///< Sent again after taking what was newer there.
    std::vector<Message> parts{};  ///< Of a bundle: each would be a message of its own.
  };

  void go_on();
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] std::size_t window() const;
  void compare(std::vector<storage::RingInterval> intervals);
  void ask(const std::vector<storage::RingInterval>& intervals,
           const std::vector<RangeDigest>& ours);
  void handle_digests(const DigestQuestion& asked,
                      std::expected<transport::Response, transport::RequestFailure> outcome);
  void judge(const storage::RingInterval& interval, const RangeDigest& ours,
             const RangeDigest& theirs);
  void add_to_send(const storage::RingInterval& interval);

  void load_page();
  /// Puts several messages, from number `first` on, into one each.
  void bundle(std::size_t first);
  [[nodiscard]] Message bundle_of(std::vector<Message> parts) const;
  void add_messages(storage::StoredResource resource, bool merged);
  void send(Message message);
  void handle_store_outcome(Message message,
                            std::expected<transport::Response, transport::RequestFailure> outcome);
  void retry(Message message, const Error& error);
  void unpack(Message bundle);
  void take_newer(Message message);
  void merge(Message message, const transport::Response& response);
  void finish(Result<void> result);

  PeerCore& core_;
  NodeId target_;
  Done done_;
  bool comparing_{false};
  std::vector<storage::RingInterval> to_compare_;
  std::size_t at_once_;  ///< So many of them may not be too much for one question.
  std::vector<storage::RingInterval> to_send_;
  std::optional<ResourceId> cursor_;  ///< Within the last of `to_send_`.
  std::deque<Message> messages_;
  bool bundles_{true};  ///< The other side knows them, or may.
  std::size_t in_flight_{0};
  std::size_t refused_{0};
  std::string refusal_;
  Timer pause_;
};

/// Cuts an interval into at most `parts` (a power of two) of about the same length.
[[nodiscard]] std::vector<storage::RingInterval> split(const storage::RingInterval& interval,
                                                       unsigned parts);

/// The Stores that carry a resource, each with a body of at most `max_body` octets where that is
/// possible: by Kinds, then by values.
[[nodiscard]] std::vector<wire::StoreReq> split(wire::StoreReq request, std::size_t max_body);

}  // namespace carillon::peer
