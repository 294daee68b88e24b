#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

namespace carillon {

/// One value to be stored under one Kind (RFC 6940, 7.2).
struct ValueToStore {
  KindId kind{};
  /// Nothing for a single value, an index for an array, a key for a dictionary.
  std::variant<std::monostate, std::uint32_t, Bytes> position{};
  Bytes value{};
  bool exists{true};  ///< false removes what is stored at the position (7.4.1.3).
  std::chrono::seconds lifetime{3600};
};

/// What is to be stored at one resource, all of it or nothing (7.4.1.1).
struct StoreRequest {
  std::string resource_name;  ///< Hashed to the Resource-ID, e.g. "alice@example.org".
  std::string user{};         ///< On whose behalf; empty: the node's own (7.3).
  std::vector<ValueToStore> values;
};

struct StoredKind {
  KindId kind{};
  std::uint64_t generation{};
};

struct StoreReport {
  std::vector<StoredKind> kinds;
  std::uint32_t replicas{};  ///< How many further nodes hold the values.
};

/// A value that was found, its signature checked.
struct FoundValue {
  KindId kind{};
  std::variant<std::monostate, std::uint32_t, Bytes> position{};
  Bytes value{};
  std::uint64_t storage_time_ms{};  ///< Milliseconds since the Unix epoch, set by who stored it.
  std::chrono::seconds lifetime{};  ///< What remains of it.
  std::string user{};               ///< Who signed it: the user, if the certificate names one,
  NodeId node{};                    ///< and the node.
};

struct LookupRequest {
  std::string resource_name;
  std::vector<KindId> kinds;
};

/// The values that exist, in the order of kinds; removed and expired ones are left out.
struct LookupReport {
  std::vector<FoundValue> values;
};

/// Where the next resource lies that holds a Kind, walking clockwise (7.4.4).
struct FindReport {
  std::optional<ResourceId> resource;  ///< Nothing: no resource in the overlay holds the Kind.
};

/// The DHT interface: a table spread over many nodes, used without knowing how.
///
/// Every call returns at once; its handler runs exactly once, later, never from inside the call
/// and always on the thread that drives the overlay. Handlers may call the overlay again.
/// A handler still waiting when the overlay is destroyed is dropped.
class Overlay {
 public:
  template <typename T>
  using Handler = std::move_only_function<void(Result<T>)>;

  virtual ~Overlay() = default;

  /// Becomes part of the overlay. `unreachable` or `request_timeout`: nobody answered, retry;
  /// `forbidden`, `bad_certificate`, `incompatible_with_overlay`: do not retry.
  virtual void join(Handler<void> done) = 0;

  /// Hands the stored data on, says goodbye, and ends. Idempotent. Afterwards every other call
  /// fails with `not_joined`.
  virtual void leave(Handler<void> done) = 0;

  /// Finds the values of some Kinds at a resource (RFC 6940, 7.4.2). A resource that holds
  /// nothing is an empty report, not an error. Errors: `not_joined`, `request_timeout`,
  /// `unreachable` (retry later), `unknown_kind`, `response_too_large`.
  virtual void lookup(LookupRequest request, Handler<LookupReport> done) = 0;

  /// The same at a Resource-ID, for walks (`find_next`).
  virtual void lookup_at(ResourceId resource, std::vector<KindId> kinds,
                         Handler<LookupReport> done) = 0;

  /// Stores values at a resource, atomically (7.4.1). `ok` means kept: on disk at the responsible
  /// node and confirmed by as many replicas as the node is configured to wait for.
  /// Errors: `forbidden` (the access policy says no; do not retry), `data_too_large` (split it),
  /// `data_too_old` (somebody wrote later; fetch first), `unknown_kind`, `not_joined`,
  /// `request_timeout` (retry later; the store may have happened), `disk_full`.
  virtual void store(StoreRequest request, Handler<StoreReport> done) = 0;

  /// Finds the first resource at or after `from`, clockwise, that holds `kind` (7.4.4).
  /// May come round to `from` again: a walk ends when it passes its start.
  virtual void find_next(ResourceId from, KindId kind, Handler<FindReport> done) = 0;

  /// `changed` runs, like a handler, whenever other nodes may have become responsible for what
  /// was stored from here: the moment to look whether it is still there. Replaces an earlier one.
  virtual void on_ring_change(std::move_only_function<void()> changed) = 0;

  /// The Resource-ID that a name is hashed to (10.2).
  [[nodiscard]] virtual ResourceId resource_id(const std::string& resource_name) const = 0;

  /// This node's own id, e.g. as dictionary key under USER-NODE-MATCH.
  [[nodiscard]] virtual NodeId node_id() const = 0;
};

}  // namespace carillon
