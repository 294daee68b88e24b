#include "peer/bundle.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "wire/codec.hpp"

namespace carillon::peer {

wire::StoreReq make_bundle(std::span<const wire::StoreReq> parts) {
  wire::StoreReq request;
  request.resource = parts.front().resource;
  request.replica_number = parts.front().replica_number;
  wire::StoreKindData kind{bundle_kind, 0, {}};
  for (const auto& part : parts) {
    wire::DictionaryEntry entry;
    entry.key = to_bytes(part.resource.bytes());
    entry.value = {true, wire::encode(part)};
    wire::StoredData data;
    data.value.entry = std::move(entry);
    kind.values.push_back(std::move(data));
  }
  request.kind_data.push_back(std::move(kind));
  return request;
}

Result<std::optional<std::vector<wire::StoreReq>>> read_bundle(const wire::StoreReq& request,
                                                               const wire::DataModelOf& models) {
  const auto is_bundle = [](const wire::StoreKindData& data) { return data.kind == bundle_kind; };
  if (std::ranges::none_of(request.kind_data, is_bundle)) return std::nullopt;
  const auto& values = request.kind_data.front().values;
  if (request.kind_data.size() != 1 || values.empty()) {
    return fail(ErrorCode::malformed, "bundle", "comes alone, and carries something");
  }
  if (values.size() > max_bundled) return fail(ErrorCode::too_large, "bundle", "too many Stores");
  std::vector<wire::StoreReq> parts;
  for (const auto& data : values) {
    const auto* entry = std::get_if<wire::DictionaryEntry>(&data.value.entry);
    if (entry == nullptr) return fail(ErrorCode::malformed, "bundle", "is no dictionary");
    Reader reader{entry->value.value};
    auto part = wire::StoreReq::decode(reader, models);
    reader.expect_end("bundle.StoreReq");
    if (reader.failed()) return std::unexpected(reader.error());
    const bool nested = std::ranges::any_of(part.kind_data, is_bundle);
    if (nested || part.replica_number == 0) {
      return fail(ErrorCode::malformed, "bundle", "carries replicas, and nothing else");
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace carillon::peer
