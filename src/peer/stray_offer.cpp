#include "peer/stray_offer.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "storage/ring_interval.hpp"

namespace carillon::peer {

wire::StoreReq make_stray_offer(const std::vector<storage::ResourceDigest>& held) {
  wire::StoreReq request;
  request.resource = held.front().resource;
  wire::StoreKindData kind{stray_kind, 0, {}};
  for (const auto& one : held) {
    wire::DictionaryEntry entry;
    entry.key = to_bytes(one.resource.bytes());
    entry.value = {true, Bytes(one.digest.begin(), one.digest.end())};
    wire::StoredData data;
    data.value.entry = std::move(entry);
    kind.values.push_back(std::move(data));
  }
  request.kind_data.push_back(std::move(kind));
  return request;
}

Result<std::optional<std::vector<storage::ResourceDigest>>> read_stray_offer(
    const wire::StoreReq& request) {
  const auto is_stray = [](const wire::StoreKindData& data) { return data.kind == stray_kind; };
  if (std::ranges::none_of(request.kind_data, is_stray)) return std::nullopt;
  const auto& values = request.kind_data.front().values;
  if (request.kind_data.size() != 1 || values.empty()) {
    return fail(ErrorCode::malformed, "stray_offer", "comes alone, and offers something");
  }
  if (values.size() > max_offered) {
    return fail(ErrorCode::too_large, "stray_offer", "too many resources");
  }
  std::vector<storage::ResourceDigest> held;
  for (const auto& data : values) {
    const auto* entry = std::get_if<wire::DictionaryEntry>(&data.value.entry);
    Sha256Digest digest{};
    if (entry == nullptr || !storage::place_of(ResourceId{entry->key}) ||
        entry->value.value.size() != digest.size()) {
      return fail(ErrorCode::malformed, "stray_offer", "is no Resource-ID and a digest");
    }
    std::ranges::copy(entry->value.value, digest.begin());
    held.push_back({ResourceId{entry->key}, digest});
  }
  return held;
}

}  // namespace carillon::peer
