#include <string>
#include <utility>

#include "c/handle.hpp"

using namespace carillon;

namespace {

using c::text_or_empty;

ByteView view_of(const carillon_octets& octets) {
  return octets.octets == nullptr ? ByteView{} : ByteView{octets.octets, octets.size};
}

Bytes copy_of(const carillon_octets& octets) {
  const auto view = view_of(octets);
  return {view.begin(), view.end()};
}

carillon_octets octets_of(const Bytes& bytes) {
  return {bytes.data(), bytes.size()};
}

/// Hands an outcome without a value on.
void tell(carillon_overlay* overlay, carillon_done done, void* context, const Error* error) {
  overlay->told = true;
  if (done == nullptr) return;
  if (error == nullptr) return done(context, nullptr, "");
  const std::string name{to_string(error->code)};
  done(context, name.c_str(), error->message().c_str());
}

ValueToStore value_to_store(const carillon_value& value) {
  ValueToStore out{.kind = KindId{value.kind}};
  if (value.model == CARILLON_ARRAY) out.position = value.index;
  if (value.model == CARILLON_DICTIONARY) out.position = copy_of(value.key);
  out.value = copy_of(value.value);
  out.exists = value.exists != 0;
  out.lifetime = std::chrono::seconds{value.lifetime_s};
  return out;
}

void tell_found(carillon_found found, void* context, const std::vector<FoundValue>& values) {
  std::vector<std::string> nodes;
  nodes.reserve(values.size());
  std::vector<carillon_value> out;
  for (const auto& value : values) {
    nodes.push_back(value.node.to_hex());
    carillon_value one{};
    one.kind = static_cast<std::uint32_t>(value.kind);
    if (const auto* index = std::get_if<std::uint32_t>(&value.position)) {
      one.model = CARILLON_ARRAY;
      one.index = *index;
    } else if (const auto* key = std::get_if<Bytes>(&value.position)) {
      one.model = CARILLON_DICTIONARY;
      one.key = octets_of(*key);
    }
    one.value = octets_of(value.value);
    one.exists = 1;
    one.lifetime_s = static_cast<std::uint32_t>(value.lifetime.count());
    one.storage_time_ms = value.storage_time_ms;
    one.user = value.user.c_str();
    one.node = nodes.back().c_str();
    out.push_back(one);
  }
  found(context, nullptr, "", out.data(), out.size());
}

}  // namespace

extern "C" {

void carillon_overlay_free(carillon_overlay* overlay) {
  delete overlay;
}

void carillon_overlay_join(carillon_overlay* overlay, carillon_done done, void* context) {
  overlay->begin_input().join([overlay, done, context](const Result<void>& joined) {
    tell(overlay, done, context, joined ? nullptr : &joined.error());
  });
}

void carillon_overlay_leave(carillon_overlay* overlay, carillon_done done, void* context) {
  overlay->begin_input().leave([overlay, done, context](const Result<void>& left) {
    tell(overlay, done, context, left ? nullptr : &left.error());
  });
}

void carillon_overlay_store(carillon_overlay* overlay, const char* name, const char* user,
                            const carillon_value* values, size_t count, carillon_done done,
                            void* context) {
  StoreRequest request{
      .resource_name = text_or_empty(name), .user = text_or_empty(user), .values = {}};
  for (size_t i = 0; i < count; ++i)
    request.values.push_back(value_to_store(values[i]));
  overlay->begin_input().store(std::move(request),
                               [overlay, done, context](const Result<StoreReport>& stored) {
                                 tell(overlay, done, context, stored ? nullptr : &stored.error());
                               });
}

void carillon_overlay_lookup(carillon_overlay* overlay, const char* name, const uint32_t* kinds,
                             size_t count, carillon_found found, void* context) {
  LookupRequest request{.resource_name = text_or_empty(name), .kinds = {}};
  for (size_t i = 0; i < count; ++i)
    request.kinds.push_back(KindId{kinds[i]});
  overlay->begin_input().lookup(
      std::move(request), [overlay, found, context](const Result<LookupReport>& report) {
        overlay->told = true;
        if (found == nullptr) return;
        if (report) return tell_found(found, context, report->values);
        const std::string code{to_string(report.error().code)};
        found(context, code.c_str(), report.error().message().c_str(), nullptr, 0);
      });
}

}  // extern "C"
