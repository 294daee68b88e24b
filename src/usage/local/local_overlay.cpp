#include "usage/local/local_overlay.hpp"

#include <algorithm>

namespace carillon::usage {

namespace {

/// Nobody signs here.
class BelievingVerifier final : public storage::ValueVerifier {
 public:
  explicit BelievingVerifier(const storage::Signer& signer) : signer_(signer) {}
  Result<storage::Signer> verify(const ResourceId&, KindId, const wire::StoredData&, Now) override {
    return signer_;
  }

 private:
  const storage::Signer& signer_;
};

// What a value bears in the place of a signature: Node-ID(16) user-name.
wire::Signature name_signer(const storage::Signer& signer) {
  Bytes text = to_bytes(signer.node_id.bytes());
  append(text, as_bytes(signer.user_name));
  return {.algorithm = {}, .identity = {}, .signature_value = std::move(text)};
}

storage::Signer read_signer(const wire::Signature& signature) {
  const ByteView text = signature.signature_value;
  const auto node = NodeId::from_bytes(text.first(std::min(text.size(), NodeId::size)));
  if (!node) return {};
  return {std::string{as_text(text.subspan(NodeId::size))}, *node, {}};
}

wire::StoredDataValue to_wire(const ValueToStore& value) {
  const wire::DataValue data{value.exists, value.exists ? value.value : Bytes{}};
  if (const auto* index = std::get_if<std::uint32_t>(&value.position)) {
    return {wire::ArrayEntry{*index, data}};
  }
  if (const auto* key = std::get_if<Bytes>(&value.position)) {
    return {wire::DictionaryEntry{*key, data}};
  }
  return {data};
}

FoundValue from_wire(KindId kind, const wire::StoredData& data) {
  FoundValue found;
  found.kind = kind;
  if (const auto* array = std::get_if<wire::ArrayEntry>(&data.value.entry)) {
    found.position = array->index;
  } else if (const auto* entry = std::get_if<wire::DictionaryEntry>(&data.value.entry)) {
    found.position = entry->key;
  }
  found.value = data.value.data_value().value;
  found.storage_time_ms = data.storage_time;
  found.lifetime = seconds{data.lifetime};
  auto signer = read_signer(data.signature);
  found.user = std::move(signer.user_name);
  found.node = signer.node_id;
  return found;
}

}  // namespace

LocalOverlay::LocalOverlay(NodeId node_id, storage::StorageBackend& backend,
                           storage::KindTable kinds, NoticeSink notices)
    : node_id_(node_id),
      storage_(backend, std::move(kinds), storage::AccessPolicies::standard(),
               {.unsigned_values = true}, std::move(notices)) {}

Result<void> LocalOverlay::open() {
  return storage_.open();
}

void LocalOverlay::handle_time(Now now) {
  now_ = now;
  if (state_ == State::joined && next_sweep_ && *next_sweep_ <= now_.monotonic) sweep();
}

void LocalOverlay::sweep() {
  const auto swept = storage_.expire(now_, records_per_sweep);
  const bool more = swept && *swept == records_per_sweep;
  next_sweep_ = now_.monotonic + (more ? milliseconds{0} : sweep_interval);
  unsynced_ = unsynced_ || (swept && *swept > 0);
}

void LocalOverlay::run_completions() {
  Result<void> flushed{};
  if (unsynced_) flushed = storage_.flush();
  unsynced_ = false;
  auto completions = std::move(completions_);
  completions_.clear();
  for (auto& completion : completions)
    completion(flushed);
}

std::optional<MonotonicTime> LocalOverlay::next_deadline() const {
  if (!completions_.empty()) return now_.monotonic;
  return state_ == State::joined ? next_sweep_ : std::nullopt;
}

template <typename T>
void LocalOverlay::complete(Handler<T> done, Result<T> result, bool needs_flush) {
  completions_.push_back([done = std::move(done), result = std::move(result),
                          needs_flush](const Result<void>& flushed) mutable {
    if (needs_flush && result && !flushed) {
      done(std::unexpected(flushed.error()));
    } else {
      done(std::move(result));
    }
  });
}

Result<void> LocalOverlay::check_joined() const {
  if (state_ != State::joined) return fail(ErrorCode::not_joined, "LocalOverlay");
  if (completions_.size() >= max_waiting) return fail(ErrorCode::busy, "LocalOverlay");
  return {};
}

void LocalOverlay::join(Handler<void> done) {
  if (state_ == State::left) {
    return complete<void>(std::move(done), fail(ErrorCode::not_joined, "LocalOverlay", "has left"));
  }
  auto opened = storage_.open();
  if (opened) {
    state_ = State::joined;
    next_sweep_ = now_.monotonic;
  }
  complete<void>(std::move(done), std::move(opened));
}

void LocalOverlay::leave(Handler<void> done) {
  state_ = State::left;
  unsynced_ = true;
  complete<void>(std::move(done), {}, true);
}

void LocalOverlay::lookup(LookupRequest request, Handler<LookupReport> done) {
  lookup_at(resource_id(request.resource_name), std::move(request.kinds), std::move(done));
}

void LocalOverlay::lookup_at(ResourceId resource, std::vector<KindId> kinds,
                             Handler<LookupReport> done) {
  auto checked = check_joined();
  if (!checked) return complete<LookupReport>(std::move(done), std::unexpected(checked.error()));
  complete(std::move(done), look_up_now(resource, kinds));
}

Result<LookupReport> LocalOverlay::look_up_now(const ResourceId& resource,
                                               const std::vector<KindId>& kinds) {
  wire::FetchReq request{resource, {}};
  for (const auto kind : kinds) {
    const auto model = storage_.kinds().data_model(kind);
    if (!model) return fail(ErrorCode::unknown_kind, "lookup");
    request.specifiers.push_back(wire::StoredDataSpecifier::all(kind, *model));
  }
  const auto fetched = storage_.fetch(request, now_);
  if (!fetched) return std::unexpected(fetched.error().error);
  LookupReport report;
  for (const auto& response : fetched->content.kind_responses) {
    for (const auto& data : response.values) {
      if (!data.value.data_value().exists) continue;
      report.values.push_back(from_wire(response.kind, data));
    }
  }
  return report;
}

void LocalOverlay::store(StoreRequest request, Handler<StoreReport> done) {
  auto checked = check_joined();
  if (!checked) return complete<StoreReport>(std::move(done), std::unexpected(checked.error()));
  complete(std::move(done), store_now(request), true);
}

Result<StoreReport> LocalOverlay::store_now(StoreRequest& request) {
  const storage::Signer signer{request.user, node_id_, {}};
  wire::StoreReq stored{resource_id(request.resource_name), 0, {}};
  for (const auto& value : request.values) {
    const auto lifetime = std::clamp<std::int64_t>(value.lifetime.count(), 0, UINT32_MAX);
    const auto same = [&](const wire::StoreKindData& data) { return data.kind == value.kind; };
    auto kind = std::ranges::find_if(stored.kind_data, same);
    if (kind == stored.kind_data.end()) {
      kind = stored.kind_data.insert(kind, {value.kind, 0, {}});
    }
    kind->values.push_back({.storage_time = next_storage_time(),
                            .lifetime = static_cast<std::uint32_t>(lifetime),
                            .value = to_wire(value),
                            .signature = name_signer(signer),
                            .unknown = std::nullopt});
  }
  BelievingVerifier verifier{signer};
  const auto outcome = storage_.store(std::move(stored), {now_, verifier, signer});
  if (!outcome) return std::unexpected(outcome.error().error);
  unsynced_ = true;
  StoreReport report;
  for (const auto& response : outcome->answer.kind_responses)
    report.kinds.push_back({response.kind, response.generation_counter});
  return report;
}

void LocalOverlay::find_next(ResourceId from, KindId kind, Handler<FindReport> done) {
  auto checked = check_joined();
  if (!checked) return complete<FindReport>(std::move(done), std::unexpected(checked.error()));
  const auto found = storage_.find({std::move(from), {kind}}, storage::RingInterval::whole(), now_);
  if (!found) {
    return complete<FindReport>(std::move(done), std::unexpected(found.error().error));
  }
  FindReport report;
  const auto& closest = found->results.at(0).closest;
  if (closest != ResourceId{NodeId{}}) report.resource = closest;
  complete<FindReport>(std::move(done), report);
}

void LocalOverlay::on_ring_change(std::move_only_function<void()> /*changed*/) {}

ResourceId LocalOverlay::resource_id(const std::string& resource_name) const {
  return storage::hash_to_resource(as_bytes(resource_name));
}

std::uint64_t LocalOverlay::next_storage_time() {
  // Each value has a time of its own, so that no Store meets one that it did not mean to replace.
  last_storage_time_ = std::max(last_storage_time_ + 1, to_milliseconds(now_.wall));
  return last_storage_time_;
}

}  // namespace carillon::usage
