#include "storage/storage.hpp"

#include <algorithm>

#include "storage/fetch.hpp"
#include "wire/error_response.hpp"

namespace carillon::storage {

Storage::Storage(StorageBackend& backend, KindTable kinds, AccessPolicies policies,
                 StorageOptions options, NoticeSink notices)
    : backend_(backend),
      records_(backend),
      kinds_(std::move(kinds)),
      policies_(std::move(policies)),
      options_(options),
      notices_(std::move(notices)) {}

Result<void> Storage::open() {
  const auto found = backend_.get(keys::format());
  if (!found) return std::unexpected(found.error());
  if (*found) {
    if (std::ranges::equal(**found, Bytes{keys::format_version})) return {};
    return fail(ErrorCode::corrupt, "storage", "was written by another version of this program");
  }
  bool empty = true;
  if (auto scanned = backend_.scan({},
                                   [&](ByteView, ByteView) {
                                     empty = false;
                                     return Scan::stop;
                                   });
      !scanned) {
    return scanned;
  }
  if (!empty) return fail(ErrorCode::corrupt, "storage", "holds something that is not ours");
  WriteBatch batch;
  batch.put(keys::format(), {keys::format_version});
  if (auto applied = backend_.apply(std::move(batch)); !applied) return applied;
  return backend_.sync();
}

StoreOperation::Environment Storage::environment() const {
  return {backend_,    kinds_, policies_, options_.max_storage_time_ahead, options_.unsigned_values,
          max_removals};
}

Error Storage::note(Error error) const {
  const bool operators_business = error.code == ErrorCode::corrupt ||
                                  error.code == ErrorCode::disk_full || error.code == ErrorCode::io;
  if (operators_business && notices_) notices_({Severity::error, error.message()});
  return error;
}

Answer<StoreOutcome> Storage::store(wire::StoreReq request, const StoreContext& context) {
  const auto mode = request.replica_number == 0 ? StoreMode::original : StoreMode::replica;
  auto outcome = StoreOperation{environment(), std::move(request), context, mode}.run();
  if (!outcome) outcome.error().error = note(std::move(outcome.error().error));
  return outcome;
}

Result<MergeReport> Storage::merge(wire::StoreReq copy, const StoreContext& context) {
  StoreOperation operation{environment(), std::move(copy), context, StoreMode::merge};
  auto outcome = operation.run();
  if (!outcome) return std::unexpected(note(std::move(outcome.error().error)));
  return operation.merged();
}

template <typename Request, typename Use>
Answer<void> Storage::for_each_kind(const Request& request, Now now, Use use) {
  wire::UnknownKinds unknown;
  for (const auto& specifier : request.specifiers) {
    const auto* rules = kinds_.find(specifier.kind);
    if (rules == nullptr) {
      if (unknown.unknown_kinds.size() < wire::UnknownKinds::max_kinds) {
        unknown.unknown_kinds.push_back(specifier.kind);
      }
    } else if (!fits(specifier, rules->data_model)) {
      return reject({ErrorCode::invalid_message, "specifier", "does not fit the Kind"});
    }
  }
  if (!unknown.unknown_kinds.empty()) {
    return reject({ErrorCode::unknown_kind, "specifier"}, wire::encode(unknown));
  }
  for (const auto& specifier : request.specifiers) {
    auto open = records_.open({request.resource, specifier.kind}, now.wall);
    if (!open) return reject(note(open.error()));
    if (Result<void> used = use(specifier, open->record); !used) return reject(note(used.error()));
  }
  return {};
}

Answer<FetchOutcome> Storage::fetch(const wire::FetchReq& request, Now now) {
  FetchOutcome outcome;
  CertificateCollector certificates{backend_};
  const auto add = [&](const wire::StoredDataSpecifier& specifier,
                       const KindRecord& record) -> Result<void> {
    wire::FetchKindResponse response{specifier.kind, record.generation, {}};
    const bool unchanged = specifier.generation != 0 && specifier.generation == record.generation;
    if (!unchanged) {
      for (const auto& value : select(record, specifier, max_synthesized)) {
        response.values.push_back(to_stored_data(value, now.wall));
        if (value.stored == nullptr || !value.stored->certificate) continue;
        auto added = certificates.add(*value.stored->certificate);
        if (!added) return added;
      }
    }
    outcome.content.kind_responses.push_back(std::move(response));
    return {};
  };
  if (auto done = for_each_kind(request, now, add); !done) return std::unexpected(done.error());
  outcome.certificates = std::move(certificates).take();
  return outcome;
}

Answer<wire::StatAns> Storage::stat(const wire::StatReq& request, Now now) {
  wire::StatAns answer;
  const auto add = [&](const wire::StoredDataSpecifier& specifier,
                       const KindRecord& record) -> Result<void> {
    wire::StatKindResponse response{specifier.kind, record.generation, {}};
    if (specifier.generation == 0 || specifier.generation != record.generation) {
      for (const auto& value : select(record, specifier, max_synthesized))
        response.values.push_back(to_meta_data(value, now.wall));
    }
    answer.kind_responses.push_back(std::move(response));
    return {};
  };
  if (auto done = for_each_kind(request, now, add); !done) return std::unexpected(done.error());
  return answer;
}

Answer<wire::FindAns> Storage::find(const wire::FindReq& request, const RingInterval& within,
                                    Now now) {
  if (!place_of(request.resource)) {
    return reject(
        {ErrorCode::invalid_message, "Find", "a Resource-ID has 16 octets in this overlay"});
  }
  wire::FindAns answer;
  for (const auto kind : request.kinds) {
    auto found = find_one(kind, request.resource, within, now);
    if (!found) return reject(note(found.error()));
    answer.results.push_back({kind, found->value_or(ResourceId{NodeId{}})});
  }
  return answer;
}

Result<std::optional<ResourceId>> Storage::find_one(KindId kind, const ResourceId& from,
                                                    const RingInterval& within, Now now) {
  // Clockwise from `from` to the interval's end, then what lies before it.
  auto stretches = within.stretches_from(from);
  std::ranges::copy(within.stretches(), std::back_inserter(stretches));
  for (const auto& stretch : stretches) {
    Place at = stretch.first;
    std::vector<ResourceId> candidates;
    do {
      candidates.clear();
      const auto start = keys::index(kind, ResourceId{NodeId{at}});
      auto scanned = backend_.scan(start, [&](ByteView key, ByteView) {
        const auto id = keys::parse_index(key);
        if (!id || id->kind != kind || id->resource > ResourceId{NodeId{stretch.last}}) {
          return Scan::stop;
        }
        candidates.push_back(id->resource);
        return candidates.size() == candidates_at_once ? Scan::stop : Scan::next;
      });
      if (!scanned) return std::unexpected(scanned.error());
      for (const auto& candidate : candidates) {
        // What was removed, or has expired and was not yet swept, is not there.
        auto open = records_.open({candidate, kind}, now.wall);
        if (!open) return std::unexpected(open.error());
        if (open->record.any_exists(now.wall)) return candidate;
      }
      if (!candidates.empty()) at = next_place(*place_of(candidates.back()));
    } while (candidates.size() == candidates_at_once && at <= stretch.last && at != Place{});
  }
  return std::nullopt;
}

Result<std::size_t> Storage::expire(Now now, std::size_t max_records) {
  std::vector<keys::Expiry> due;
  auto scanned = backend_.scan(keys::expiry_start(), [&](ByteView key, ByteView) {
    const auto expiry = keys::parse_expiry(key);
    if (!expiry || expiry->when > now.wall || due.size() == max_records) return Scan::stop;
    due.push_back(*expiry);
    return Scan::next;
  });
  if (!scanned) return std::unexpected(note(scanned.error()));
  WriteBatch batch;
  CertificateChanges certificates;
  for (const auto& [when, id] : due) {
    auto open = records_.open(id, now.wall, &certificates);
    if (!open && open.error().code != ErrorCode::corrupt) {
      return std::unexpected(note(open.error()));
    }
    if (!open) {
      // Left for the operator to see; but what comes after it must still expire.
      static_cast<void>(note(std::move(open.error())));
      batch.erase(keys::expiry(when, id.resource, id.kind));
      continue;
    }
    // An expiry key that its record knows nothing of would come back for ever.
    if (open->indexed != when) batch.erase(keys::expiry(when, id.resource, id.kind));
    records_.save(*open, batch);
  }
  if (due.empty()) return 0;
  if (auto written = certificates.write(backend_, batch); !written) {
    return std::unexpected(note(written.error()));
  }
  if (auto applied = backend_.apply(std::move(batch)); !applied) {
    return std::unexpected(note(applied.error()));
  }
  return due.size();
}

Result<std::optional<WallTime>> Storage::next_expiry() {
  std::optional<WallTime> next;
  auto scanned = backend_.scan(keys::expiry_start(), [&](ByteView key, ByteView) {
    if (const auto expiry = keys::parse_expiry(key)) next = expiry->when;
    return Scan::stop;
  });
  if (!scanned) return std::unexpected(note(scanned.error()));
  return next;
}

Result<void> Storage::flush() {
  auto synced = backend_.sync();
  if (!synced) return std::unexpected(note(synced.error()));
  return synced;
}

}  // namespace carillon::storage
