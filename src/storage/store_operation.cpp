#include "storage/store_operation.hpp"

#include <algorithm>
#include <set>

#include "wire/error_response.hpp"

namespace carillon::storage {

namespace {

std::unexpected<Rejection> reject_store(ErrorCode code, std::string detail, Bytes error_info = {}) {
  return reject(Error{code, "Store", std::move(detail)}, std::move(error_info));
}

std::string kind_text(KindId kind) {
  return "kind " + wire::hex_number(static_cast<std::uint32_t>(kind));
}

/// Only values that an answer made up may be so (7.4.2.2).
bool is_unsigned(const wire::Signature& signature) {
  return std::holds_alternative<wire::NoSigner>(signature.identity.identity) ||
         signature.algorithm == wire::SignatureAndHashAlgorithm{};
}

bool is_appended(const wire::StoredDataValue& value) {
  const auto* entry = std::get_if<wire::ArrayEntry>(&value.entry);
  return entry != nullptr && entry->index == wire::ArrayEntry::append;
}

bool same_value(const wire::StoredData& left, const wire::StoredData& right) {
  return left.storage_time == right.storage_time &&
         left.value.data_value() == right.value.data_value() && left.signature == right.signature;
}

/// Two values with one storage time: some order that all peers agree on.
bool wins_tie(const wire::StoredData& candidate, const wire::StoredData& present) {
  return wire::encode(present.value) < wire::encode(candidate.value);
}

}  // namespace

StoreOperation::StoreOperation(const Environment& environment, wire::StoreReq request,
                               const StoreContext& context, StoreMode mode)
    : environment_(environment),
      request_(std::move(request)),
      context_(context),
      mode_(mode),
      records_(environment.backend) {}

Answer<StoreOutcome> StoreOperation::run() {
  if (auto checked = check_form(); !checked) return std::unexpected(checked.error());
  if (auto opened = open_records(); !opened) return std::unexpected(opened.error());
  if (auto checked = check_signers(); !checked) return std::unexpected(checked.error());
  if (auto checked = check_generations(); !checked) return std::unexpected(checked.error());
  if (auto placed = place_values(); !placed) return std::unexpected(placed.error());
  return finish();
}

Answer<void> StoreOperation::check_form() {
  if (!place_of(request_.resource)) {
    return reject_store(ErrorCode::invalid_message, "a Resource-ID has 16 octets in this overlay");
  }
  wire::UnknownKinds unknown;
  std::set<KindId> seen;
  for (const auto& data : request_.kind_data) {
    const auto* rules = environment_.kinds.find(data.kind);
    if (rules == nullptr) {
      if (unknown.unknown_kinds.size() < wire::UnknownKinds::max_kinds) {
        unknown.unknown_kinds.push_back(data.kind);
      }
      continue;
    }
    if (!seen.insert(data.kind).second) {
      return reject_store(ErrorCode::invalid_message, kind_text(data.kind) + " appears twice");
    }
    if (mode_ == StoreMode::replica && data.generation_counter == 0) {
      return reject_store(ErrorCode::invalid_message, "a replica has a generation counter");
    }
    for (const auto& value : data.values) {
      if (value.unknown || value.value.model() != rules->data_model) {
        return reject_store(ErrorCode::invalid_message,
                            kind_text(data.kind) + " has another data model");
      }
      if (!value.value.data_value().exists && !value.value.data_value().value.empty()) {
        return reject_store(ErrorCode::invalid_message,
                            "a value that does not exist has no octets");
      }
    }
  }
  if (!unknown.unknown_kinds.empty()) {
    return reject_store(ErrorCode::unknown_kind, kind_text(unknown.unknown_kinds.front()),
                        wire::encode(unknown));
  }
  return {};
}

Answer<void> StoreOperation::open_records() {
  kinds_.reserve(request_.kind_data.size());
  for (auto& data : request_.kind_data) {
    const auto& rules = *environment_.kinds.find(data.kind);
    auto open = records_.open({request_.resource, data.kind}, context_.now.wall, &certificates_);
    if (!open) return reject(open.error());
    if (open->indexed && open->record.model != rules.data_model) {
      return reject_store(ErrorCode::corrupt,
                          kind_text(data.kind) + " was stored with another data model");
    }
    open->record.model = rules.data_model;
    Kind& kind = kinds_.emplace_back(data, rules, std::move(*open));
    kind.values.reserve(data.values.size());
    for (auto& value : data.values)
      kind.values.push_back({value});
  }
  return {};
}

StoredEntry* StoreOperation::find_same(Kind& kind, const wire::StoredData& data) {
  auto& record = kind.open.record;
  if (is_appended(data.value)) {
    // Appended before: it has got another index since, which the signature does not cover.
    const auto at = std::ranges::find_if(
        record.entries, [&](const StoredEntry& entry) { return same_value(entry.data, data); });
    return at == record.entries.end() ? nullptr : &*at;
  }
  StoredEntry* present = record.find(data.value);
  return present != nullptr && same_value(present->data, data) ? present : nullptr;
}

Answer<void> StoreOperation::check_signers() {
  for (auto& kind : kinds_) {
    for (auto& value : kind.values) {
      auto checked = check_signer(kind, value);
      if (checked) continue;
      if (mode_ != StoreMode::merge) return reject(checked.error());
      value.fate = Fate::leave_out;
    }
  }
  return {};
}

Result<void> StoreOperation::check_signer(Kind& kind, Value& value) {
  if (mode_ == StoreMode::original &&
      !environment_.policies.allows({request_.resource, kind.data.kind, kind.rules,
                                     value.data.value, context_.request_signer})) {
    return fail(ErrorCode::forbidden, "Store",
                "the request's signer may not write " + kind_text(kind.data.kind) + " there");
  }
  if (is_unsigned(value.data.signature) && !environment_.unsigned_values) {
    return fail(ErrorCode::forbidden, "Store", "a value is not signed");
  }
  if (const auto* same = find_same(kind, value.data)) {
    // Verified when it came first; nothing about it can have changed since, because it expires
    // with its certificate at the latest.
    value.fate = Fate::stored_already;
    if (auto* entry = std::get_if<wire::ArrayEntry>(&value.data.value.entry)) {
      entry->index = std::get<wire::ArrayEntry>(same->data.value.entry).index;
    }
    value.data.lifetime = same->at(context_.now.wall).lifetime;
    return {};
  }
  auto signer =
      context_.verifier.verify(request_.resource, kind.data.kind, value.data, context_.now);
  if (!signer) return fail(ErrorCode::forbidden, "Store", signer.error().message());
  value.signer = std::move(*signer);
  if (!environment_.policies.allows(
          {request_.resource, kind.data.kind, kind.rules, value.data.value, value.signer})) {
    return fail(ErrorCode::forbidden, "Store",
                "a value's signer may not write " + kind_text(kind.data.kind) + " there");
  }
  return {};
}

Answer<void> StoreOperation::check_generations() {
  if (mode_ != StoreMode::original) return {};
  const bool all_expected = std::ranges::all_of(kinds_, [](const Kind& kind) {
    return kind.data.generation_counter == 0 ||
           kind.data.generation_counter == kind.open.record.generation;
  });
  if (all_expected) return {};
  wire::StoreAns current;
  for (const auto& kind : kinds_)
    current.kind_responses.push_back({kind.data.kind, kind.open.record.generation, {}});
  return reject_store(ErrorCode::generation_counter_too_low, "somebody else has stored since",
                      wire::encode(current));
}

Answer<void> StoreOperation::place_values() {
  for (auto& kind : kinds_) {
    for (auto& value : kind.values) {
      if (value.fate != Fate::store) continue;
      auto placed = place_value(kind, value);
      if (placed) continue;
      if (mode_ != StoreMode::merge) return reject(placed.error());
      value.fate = Fate::leave_out;
    }
  }
  return {};
}

Result<void> StoreOperation::place_value(Kind& kind, Value& value) {
  auto& record = kind.open.record;
  if (is_appended(value.data.value)) {
    const auto end = record.end_of_array();
    if (!end) return fail(ErrorCode::data_too_large, "Store", "the array has no end left");
    std::get<wire::ArrayEntry>(value.data.value.entry).index = *end;
  }
  StoredEntry* present = record.find(value.data.value);
  if (auto checked = check_times(value, present); !checked) {
    if (mode_ == StoreMode::merge && present != nullptr &&
        present->data.storage_time > value.data.storage_time) {
      ++merged_.ours_newer;
    }
    return checked;
  }
  if (auto checked = check_size(kind, value); !checked) return checked;
  if (value.data.value.data_value().exists && (present == nullptr || !present->exists())) {
    if (auto checked = check_count(kind); !checked) return checked;
  }
  put_value(kind, value, present);
  ++merged_.taken;
  return {};
}

Result<void> StoreOperation::check_times(const Value& value, const StoredEntry* present) const {
  const auto limit = to_milliseconds(context_.now.wall + environment_.max_storage_time_ahead);
  if (value.data.storage_time > limit) {
    return fail(ErrorCode::forbidden, "Store", "storage_time is in the future");
  }
  if (present == nullptr || value.data.storage_time > present->data.storage_time) return {};
  if (mode_ == StoreMode::merge && value.data.storage_time == present->data.storage_time &&
      wins_tie(value.data, present->data)) {
    return {};
  }
  return fail(ErrorCode::data_too_old, "Store", "a newer value is stored there");
}

Result<void> StoreOperation::check_size(const Kind& kind, const Value& value) {
  if (value.data.value.data_value().value.size() <= kind.rules.max_size) return {};
  return fail(ErrorCode::data_too_large, "Store",
              kind_text(kind.data.kind) + " takes values of at most " +
                  std::to_string(kind.rules.max_size) + " octets");
}

Result<void> StoreOperation::check_count(Kind& kind) {
  const auto existing = std::ranges::count_if(kind.open.record.entries, &StoredEntry::exists);
  if (std::cmp_less(existing, kind.rules.max_count)) return {};
  return fail(ErrorCode::data_too_large, "Store",
              kind_text(kind.data.kind) + " takes at most " + std::to_string(kind.rules.max_count) +
                  " values at a resource");
}

void StoreOperation::put_value(Kind& kind, Value& value, StoredEntry* present) {
  const WallTime now = context_.now.wall;
  StoredEntry entry{value.data, now + seconds{value.data.lifetime}, std::nullopt};
  if (const auto& chain = value.signer.chain) {
    entry.expires = std::min(entry.expires, chain->valid_until);
    entry.certificate = chain->certificate->digest();
    certificates_.add(*chain);
  }
  value.data.lifetime = entry.at(now).lifetime;
  kind.changed = true;
  if (present != nullptr) {
    if (present->certificate) certificates_.remove(*present->certificate);
    *present = std::move(entry);
  } else {
    kind.open.record.insert(std::move(entry));
  }
  forget_removals(kind);
}

void StoreOperation::forget_removals(Kind& kind) {
  auto& entries = kind.open.record.entries;
  const auto removed = [](const StoredEntry& entry) { return !entry.exists(); };
  if (std::cmp_less_equal(std::ranges::count_if(entries, removed), environment_.max_removals)) {
    return;
  }
  auto first = std::ranges::find_if(entries, removed);
  for (auto at = first; at != entries.end(); ++at) {
    if (removed(*at) && at->expires < first->expires) first = at;
  }
  if (first->certificate) certificates_.remove(*first->certificate);
  entries.erase(first);
}

void StoreOperation::set_generation(Kind& kind) const {
  auto& generation = kind.open.record.generation;
  const auto asked = kind.data.generation_counter;
  switch (mode_) {
    case StoreMode::original:
      if (!kind.changed) break;
      // A counter starts with the time, not with 1: if all expires and somebody stores anew, no
      // reader may take the new value for the one it knows under the same number.
      generation =
          std::max(generation + 1, generation == 0 ? to_milliseconds(context_.now.wall) : 0);
      break;
    case StoreMode::replica:
      kind.changed = kind.changed || generation != asked;
      generation = asked;
      break;
    case StoreMode::merge:
      kind.changed = kind.changed || generation < asked;
      generation = std::max(generation, asked);
      break;
  }
}

Answer<StoreOutcome> StoreOperation::finish() {
  StoreOutcome outcome;
  WriteBatch batch;
  for (auto& kind : kinds_) {
    set_generation(kind);
    kind.data.generation_counter = kind.open.record.generation;
    outcome.answer.kind_responses.push_back({kind.data.kind, kind.open.record.generation, {}});
    outcome.changed = outcome.changed || kind.changed;
  }
  if (outcome.changed) {
    for (const auto& kind : kinds_) {
      if (kind.changed || kind.open.lost_expired) records_.save(kind.open, batch);
    }
    if (auto written = certificates_.write(environment_.backend, batch); !written) {
      return reject(written.error());
    }
    if (auto applied = environment_.backend.apply(std::move(batch)); !applied) {
      return reject(applied.error());
    }
  }
  outcome.applied = std::move(request_);
  return outcome;
}

}  // namespace carillon::storage
