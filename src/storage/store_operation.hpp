#pragma once

#include <vector>

#include "storage/access_policy.hpp"
#include "storage/record_table.hpp"
#include "storage/storage_types.hpp"

namespace carillon::storage {

/// How a Store is judged (RFC 6940, 7.4.1.1).
enum class StoreMode : std::uint8_t {
  original,  ///< The data's owner stores; this peer is responsible.
  replica,   ///< Another peer passes on what was stored there; counters are taken over.
  merge,     ///< We take what is newer from another peer's copy; each value for itself.
};

/// One Store, from its checks to the writes. First everything is checked on records taken out of
/// the backend; only then one batch is applied, so that a refused Store leaves no trace.
class StoreOperation {
 public:
  struct Environment {
    StorageBackend& backend;
    const KindTable& kinds;
    const AccessPolicies& policies;
    milliseconds max_storage_time_ahead{};
    bool unsigned_values{};
    std::size_t max_removals{};
  };

  StoreOperation(const Environment& environment, wire::StoreReq request,
                 const StoreContext& context, StoreMode mode);

  [[nodiscard]] Answer<StoreOutcome> run();
  [[nodiscard]] const MergeReport& merged() const { return merged_; }

 private:
  /// What becomes of one value of the request.
  enum class Fate : std::uint8_t { store, stored_already, leave_out };
  struct Value {
    wire::StoredData& data;
    Signer signer{};
    Fate fate{Fate::store};
  };
  struct Kind {
    wire::StoreKindData& data;
    const KindRules& rules;
    OpenRecord open;
    std::vector<Value> values{};
    bool changed{false};
  };

  [[nodiscard]] Answer<void> check_form();
  [[nodiscard]] Answer<void> open_records();
  [[nodiscard]] Answer<void> check_signers();
  [[nodiscard]] Result<void> check_signer(Kind& kind, Value& value);
  [[nodiscard]] Answer<void> check_generations();
  [[nodiscard]] Answer<void> place_values();
  [[nodiscard]] Result<void> place_value(Kind& kind, Value& value);
  [[nodiscard]] Result<void> check_times(const Value& value, const StoredEntry* present) const;
  [[nodiscard]] static Result<void> check_size(const Kind& kind, const Value& value);
  [[nodiscard]] Result<void> check_count(Kind& kind);
  void put_value(Kind& kind, Value& value, StoredEntry* present);
  /// Keeps the removals that a Kind remembers within `max_removals`.
  void forget_removals(Kind& kind);
  [[nodiscard]] Answer<StoreOutcome> finish();
  void set_generation(Kind& kind) const;

  /// The entry that holds the very same value, signature included, if any.
  [[nodiscard]] static StoredEntry* find_same(Kind& kind, const wire::StoredData& data);

  Environment environment_;
  wire::StoreReq request_;
  const StoreContext& context_;
  StoreMode mode_;
  RecordTable records_;
  CertificateChanges certificates_;
  std::vector<Kind> kinds_;
  MergeReport merged_{};
};

}  // namespace carillon::storage
