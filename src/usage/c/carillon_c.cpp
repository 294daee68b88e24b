#include <array>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <carillon/carillon.h>

#include "storage/memory_backend.hpp"
#include "usage/local/local_overlay.hpp"

using namespace carillon;

/// Members stand in the order in which they are built.
struct carillon_overlay {
  NodeId node;
  storage::KindTable kinds;
  storage::MemoryBackend backend;
  std::optional<usage::LocalOverlay> local;
  Now now{};

  /// Made when it is first used: until then Kinds may be added.
  usage::LocalOverlay& overlay() {
    if (!local) {
      local.emplace(node, backend, std::move(kinds));
      local->handle_time(now);
    }
    return *local;
  }
};

namespace {

constexpr int end_of_turn = 8;  // Handlers may call again, and theirs again.

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

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

/// Hands an outcome without a value on.
void tell(carillon_done done, void* context, const Error* error) {
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

carillon_overlay* carillon_local_overlay_new(const char* node_id) {
  const auto node = NodeId::from_hex(text_or_empty(node_id));
  if (!node) return nullptr;
  auto* overlay = new (std::nothrow) carillon_overlay{};
  if (overlay != nullptr) overlay->node = *node;
  return overlay;
}

int carillon_local_overlay_add_kind(carillon_overlay* overlay, uint32_t kind, carillon_model model,
                                    const char* policy, uint32_t max_count, uint32_t max_size) {
  if (overlay->local || policy == nullptr) return -1;
  static constexpr std::array models{wire::DataModel::single_value, wire::DataModel::array,
                                     wire::DataModel::dictionary};
  const auto index = static_cast<std::size_t>(model);
  if (index >= models.size()) return -1;
  overlay->kinds.add(KindId{kind}, {models.at(index), policy, max_count, max_size});
  return 0;
}

void carillon_overlay_free(carillon_overlay* overlay) {
  delete overlay;
}

void carillon_overlay_join(carillon_overlay* overlay, carillon_done done, void* context) {
  overlay->overlay().join([done, context](const Result<void>& joined) {
    tell(done, context, joined ? nullptr : &joined.error());
  });
}

void carillon_overlay_leave(carillon_overlay* overlay, carillon_done done, void* context) {
  overlay->overlay().leave([done, context](const Result<void>& left) {
    tell(done, context, left ? nullptr : &left.error());
  });
}

void carillon_overlay_store(carillon_overlay* overlay, const char* name, const char* user,
                            const carillon_value* values, size_t count, carillon_done done,
                            void* context) {
  StoreRequest request{
      .resource_name = text_or_empty(name), .user = text_or_empty(user), .values = {}};
  for (size_t i = 0; i < count; ++i)
    request.values.push_back(value_to_store(values[i]));
  overlay->overlay().store(std::move(request), [done, context](const Result<StoreReport>& stored) {
    tell(done, context, stored ? nullptr : &stored.error());
  });
}

void carillon_overlay_lookup(carillon_overlay* overlay, const char* name, const uint32_t* kinds,
                             size_t count, carillon_found found, void* context) {
  LookupRequest request{.resource_name = text_or_empty(name), .kinds = {}};
  for (size_t i = 0; i < count; ++i)
    request.kinds.push_back(KindId{kinds[i]});
  overlay->overlay().lookup(
      std::move(request), [found, context](const Result<LookupReport>& report) {
        if (found == nullptr) return;
        if (report) return tell_found(found, context, report->values);
        const std::string code{to_string(report.error().code)};
        found(context, code.c_str(), report.error().message().c_str(), nullptr, 0);
      });
}

uint64_t carillon_overlay_run(carillon_overlay* overlay, uint64_t monotonic_us, uint64_t wall_ms) {
  overlay->now = {MonotonicTime{std::chrono::microseconds{static_cast<std::int64_t>(monotonic_us)}},
                  wall_time(wall_ms)};
  auto& local = overlay->overlay();
  local.handle_time(overlay->now);
  for (int i = 0; i < end_of_turn; ++i)
    local.run_completions();
  const auto next = local.next_deadline();
  if (!next) return std::numeric_limits<uint64_t>::max();
  const auto since_start =
      std::chrono::duration_cast<std::chrono::microseconds>(next->time_since_epoch());
  return static_cast<uint64_t>(since_start.count());
}

}  // extern "C"
