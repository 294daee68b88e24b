#pragma once

#include <functional>
#include <span>

#include "base/notice.hpp"
#include "storage/access_policy.hpp"
#include "storage/ring_interval.hpp"
#include "storage/storage_backend.hpp"
#include "storage/storage_types.hpp"
#include "storage/store_operation.hpp"

namespace carillon::storage {

struct StorageOptions {
  /// How far a storage_time may lie ahead of our clock. A value from the far future could never
  /// be replaced.
  milliseconds max_storage_time_ahead{std::chrono::minutes{15}};
  /// Accepts values without a signature: for LocalOverlay only.
  bool unsigned_values{false};
};

/// The Data Storage layer of one peer (RFC 6940, 7): judges Stores, keeps the values in a backend,
/// answers Fetch, Stat and Find, and hands out ranges of the ring for replication.
///
/// It keeps nothing in memory per resource. What it writes is durable after `flush`; if that
/// fails, all since the last good one is forgotten, and so must be the answers about it.
/// Whether this peer is responsible, and whether a replica comes from a plausible node, is the
/// caller's to check before (7.4.1.1).
class Storage {
 public:
  /// Values removed from one Kind at one resource whose removal is remembered; beyond that, the
  /// removals that expire first are forgotten.
  static constexpr std::size_t max_removals = 64;
  /// Values made up for gaps of one array in one answer; further gaps are left out.
  static constexpr std::size_t max_synthesized = 256;
  /// What a walk takes out of the backend at once.
  static constexpr std::size_t resources_at_once = 256;
  static constexpr std::size_t candidates_at_once = 16;
  static constexpr std::size_t max_page_octets = std::size_t{4} << 20U;

  Storage(StorageBackend& backend, KindTable kinds, AccessPolicies policies,
          StorageOptions options = {}, NoticeSink notices = {});

  /// Looks whether the backend's content is ours to read, once, before anything else. `corrupt` if
  /// not: do not go on.
  [[nodiscard]] Result<void> open();
  /// Replaces the Kinds, after a new configuration document.
  void set_kinds(KindTable kinds) { kinds_ = std::move(kinds); }
  [[nodiscard]] const KindTable& kinds() const { return kinds_; }

  /// Performs a Store (7.4.1): all of it or nothing. replica_number 0 is an original; others are
  /// replicas, whose counters are taken over. A value that is stored already is no error.
  /// Rejections: `unknown_kind`, `forbidden`, `generation_counter_too_low`, `data_too_old`,
  /// `data_too_large`, `invalid_message`; `disk_full`, `io`, `corrupt` from the backend.
  [[nodiscard]] Answer<StoreOutcome> store(wire::StoreReq request, const StoreContext& context);

  /// Takes from another peer's copy what is newer than ours, and leaves the rest: what the RFC
  /// wants after a partition (7.4.1.1). Values that don't verify are skipped.
  [[nodiscard]] Result<MergeReport> merge(wire::StoreReq copy, const StoreContext& context);

  /// 7.4.2. `unknown_kind`, `corrupt`, `io`.
  [[nodiscard]] Answer<FetchOutcome> fetch(const wire::FetchReq& request, Now now);
  /// 7.4.3.
  [[nodiscard]] Answer<wire::StatAns> stat(const wire::StatReq& request, Now now);
  /// 7.4.4: the first resource at or after the one asked for, clockwise, that holds the Kind.
  /// Only those in `within` count. All zeros if there is none.
  [[nodiscard]] Answer<wire::FindAns> find(const wire::FindReq& request, const RingInterval& within,
                                           Now now);

  /// The resources in an interval, clockwise, at most `max_resources` and, after the first,
  /// `max_octets` of them. `from`: the previous page's `next`.
  [[nodiscard]] Result<ResourcePage> range(const RingInterval& interval,
                                           const std::optional<ResourceId>& from,
                                           std::size_t max_resources, std::size_t max_octets,
                                           Now now);
  /// One of them; without values if nothing is stored there.
  [[nodiscard]] Result<StoredResource> resource(const ResourceId& id, Now now);
  /// Digests resource by resource, at most `max_resources`; expired values don't count.
  [[nodiscard]] Result<DigestPage> digests(const RingInterval& interval,
                                           const std::optional<ResourceId>& from,
                                           std::size_t max_resources, Now now);
  /// Forgets at most `max_resources` of an interval; says how many it forgot. Zero: all are gone.
  [[nodiscard]] Result<std::size_t> drop(const RingInterval& interval, std::size_t max_resources);

  /// Removes what has expired, at most `max_records` (a resource's Kind is one); says how many
  /// it visited. Expired values are invisible anyway: this only makes room.
  [[nodiscard]] Result<std::size_t> expire(Now now, std::size_t max_records);
  /// When something expires next.
  [[nodiscard]] Result<std::optional<WallTime>> next_expiry();

  /// Makes everything durable. On an error, all since the last success is undone.
  [[nodiscard]] Result<void> flush();

 private:
  [[nodiscard]] StoreOperation::Environment environment() const;
  /// Runs `use(specifier, record)` for each Kind that Fetch or Stat asks for.
  template <typename Request, typename Use>
  [[nodiscard]] Answer<void> for_each_kind(const Request& request, Now now, Use use);
  [[nodiscard]] Result<std::optional<ResourceId>> find_one(KindId kind, const ResourceId& from,
                                                           const RingInterval& within, Now now);
  /// All of a resource's records, as they are in the backend.
  struct RawResource {
    ResourceId id{};
    std::vector<std::pair<KindId, Bytes>> records{};
  };
  struct RawPage {
    std::vector<RawResource> resources{};
    std::optional<ResourceId> next{};
  };
  [[nodiscard]] Result<RawPage> raw_range(const RingInterval& interval,
                                          const std::optional<ResourceId>& from,
                                          std::size_t max_resources, std::size_t max_octets);
  [[nodiscard]] Result<StoredResource> decode(const RawResource& raw, Now now);
  /// What a walk does with a damaged record: tells the operator, and goes on without it.
  [[nodiscard]] std::optional<OpenRecord> readable(const keys::RecordId& id, ByteView octets,
                                                   Now now);
  /// Tells the operator about what is theirs to repair.
  [[nodiscard]] Error note(Error error) const;

  StorageBackend& backend_;
  RecordTable records_;
  KindTable kinds_;
  AccessPolicies policies_;
  StorageOptions options_;
  NoticeSink notices_;
};

}  // namespace carillon::storage
