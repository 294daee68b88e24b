#include "peer/range_digest.hpp"

#include <algorithm>
#include <utility>

#include "base/reader.hpp"
#include "base/writer.hpp"
#include "peer/core.hpp"

namespace carillon::peer {
namespace {

Bytes encode(const storage::RingInterval& interval) {
  Writer writer;
  writer.bytes(interval.after.bytes());
  writer.bytes(interval.upto.bytes());
  return std::move(writer).take();
}

Result<storage::RingInterval> decode_interval(ByteView key) {
  if (key.size() != 2 * NodeId::size) {
    return fail(ErrorCode::malformed, "range_digest.key", "must be two Node-IDs");
  }
  storage::RingInterval interval;
  interval.after = *NodeId::from_bytes(key.first(NodeId::size));
  interval.upto = *NodeId::from_bytes(key.last(NodeId::size));
  return interval;
}

Bytes encode(const RangeDigest& digest) {
  Writer writer;
  writer.u32(digest.resources);
  writer.bytes(digest.digest);
  return std::move(writer).take();
}

Result<RangeDigest> decode_digest(ByteView value) {
  Reader reader{value};
  RangeDigest digest;
  digest.resources = reader.u32("range_digest.resources");
  const ByteView octets = reader.bytes(digest.digest.size(), "range_digest.digest");
  std::ranges::copy(octets, digest.digest.begin());
  reader.expect_end("range_digest");
  return reader.finish(digest);
}

/// The digest so far, and one resource more.
Sha256Digest chained(const Sha256Digest& digest, const storage::ResourceDigest& resource) {
  Writer writer;
  writer.bytes(digest);
  writer.opaque8(resource.resource.bytes());
  writer.bytes(resource.digest);
  return sha256(writer.view());
}

}  // namespace

wire::FetchReq make_digest_request(const std::vector<storage::RingInterval>& intervals) {
  wire::DictionarySpecifier keys;
  for (const auto& interval : intervals)
    keys.keys.push_back(encode(interval));
  wire::FetchReq request;
  request.resource = ResourceId{intervals.front().upto};
  request.specifiers.push_back({range_digest_kind, 0, std::move(keys)});
  return request;
}

Result<std::optional<std::vector<storage::RingInterval>>> digest_intervals(
    const wire::FetchReq& request) {
  if (request.specifiers.size() != 1 || request.specifiers.front().kind != range_digest_kind) {
    return std::nullopt;
  }
  const auto* keys =
      std::get_if<wire::DictionarySpecifier>(&request.specifiers.front().model_specifier);
  if (keys == nullptr || keys->keys.empty()) {
    return fail(ErrorCode::malformed, "range_digest", "no interval is asked for");
  }
  if (keys->keys.size() > RangeDigester::max_intervals) {
    return fail(ErrorCode::too_large, "range_digest", "too many intervals");
  }
  std::vector<storage::RingInterval> intervals;
  for (const Bytes& key : keys->keys) {
    const auto interval = decode_interval(key);
    if (!interval) return std::unexpected(interval.error());
    intervals.push_back(*interval);
  }
  return intervals;
}

wire::StoreReq make_copied_notice(const storage::RingInterval& interval) {
  wire::DictionaryEntry entry;
  entry.key = encode(interval);
  entry.value.exists = true;
  wire::StoredData data;
  data.value.entry = std::move(entry);
  wire::StoreReq request;
  request.resource = ResourceId{interval.upto};
  request.replica_number = 1;
  request.kind_data.push_back({range_digest_kind, 0, {std::move(data)}});
  return request;
}

Result<std::optional<storage::RingInterval>> read_copied_notice(const wire::StoreReq& request) {
  if (request.kind_data.empty() || request.kind_data.front().kind != range_digest_kind) {
    return std::nullopt;
  }
  const auto& values = request.kind_data.front().values;
  const auto* entry = values.size() == 1
                          ? std::get_if<wire::DictionaryEntry>(&values.front().value.entry)
                          : nullptr;
  if (request.kind_data.size() != 1 || entry == nullptr) {
    return fail(ErrorCode::malformed, "range_digest", "names one interval");
  }
  auto interval = decode_interval(entry->key);
  if (!interval) return std::unexpected(interval.error());
  return *interval;
}

wire::FetchAns make_digest_answer(const std::vector<storage::RingInterval>& intervals,
                                  const std::vector<RangeDigest>& digests) {
  wire::FetchKindResponse response;
  response.kind = range_digest_kind;
  response.generation = 1;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    wire::DictionaryEntry entry;
    entry.key = encode(intervals[i]);
    entry.value = {true, encode(digests[i])};
    wire::StoredData data;
    data.value.entry = std::move(entry);
    response.values.push_back(std::move(data));
  }
  return {{std::move(response)}};
}

Result<std::vector<RangeDigest>> read_digest_answer(
    const wire::FetchAns& answer, const std::vector<storage::RingInterval>& intervals) {
  const auto wrong =
      fail(ErrorCode::malformed, "range_digest", "is not the answer to the question");
  if (answer.kind_responses.size() != 1) return wrong;
  const auto& response = answer.kind_responses.front();
  if (response.kind != range_digest_kind || response.values.size() != intervals.size()) {
    return wrong;
  }
  std::vector<RangeDigest> digests;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto* entry = std::get_if<wire::DictionaryEntry>(&response.values[i].value.entry);
    if (entry == nullptr || entry->key != encode(intervals[i])) return wrong;
    const auto digest = decode_digest(entry->value.value);
    if (!digest) return std::unexpected(digest.error());
    digests.push_back(*digest);
  }
  return digests;
}

RangeDigester::RangeDigester(PeerCore& core)
    : core_(core), work_(core.timers, core.now, pause, [this] { return run_slice(); }) {}

void RangeDigester::compute(std::vector<storage::RingInterval> intervals, Done done) {
  if (jobs_.size() >= max_jobs) {
    return done(fail(ErrorCode::busy, "range_digest", "too many are being computed"));
  }
  jobs_.push_back({std::move(intervals), std::vector<RangeDigest>(1), {}, std::move(done)});
  work_.wake();
}

void RangeDigester::stop() {
  work_.stop();
  jobs_.clear();
}

bool RangeDigester::run_slice() {
  if (jobs_.empty()) return false;
  Job job = jobs_.take_front();
  const auto finished = advance(job);
  if (!finished) {
    job.done(std::unexpected(finished.error()));
  } else if (*finished) {
    job.done(std::move(job.digests));
  } else {
    jobs_.push_back(std::move(job));
  }
  return true;
}

Result<bool> RangeDigester::advance(Job& job) {
  std::size_t budget = slice;
  while (budget > 0) {
    const auto& interval = job.intervals[job.digests.size() - 1];
    auto page = core_.storage.digests(interval, job.from, budget, core_.now);
    if (!page) return std::unexpected(page.error());
    RangeDigest& digest = job.digests.back();
    for (const auto& resource : page->resources) {
      digest.digest = chained(digest.digest, resource);
      ++digest.resources;
    }
    budget -= std::min(budget, std::max<std::size_t>(page->resources.size(), 1));
    job.from = page->next;
    if (job.from) continue;
    if (job.digests.size() == job.intervals.size()) return true;
    job.digests.emplace_back();
  }
  return false;
}

}  // namespace carillon::peer
