#include <array>
#include <chrono>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "c/handle.hpp"
#include "storage/memory_backend.hpp"
#include "usage/local/local_overlay.hpp"

using namespace carillon;

namespace {

constexpr int end_of_turn = 8;  // Handlers may call again, and theirs again.

/// Members stand in the order in which they are built.
struct Local final : carillon_overlay {
  explicit Local(const NodeId& id) : node(id) {}

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
  Overlay& begin_input() override { return overlay(); }
};

}  // namespace

extern "C" {

carillon_overlay* carillon_local_overlay_new(const char* node_id) {
  const auto node = NodeId::from_hex(c::text_or_empty(node_id));
  return node ? new (std::nothrow) Local{*node} : nullptr;
}

int carillon_local_overlay_add_kind(carillon_overlay* overlay, uint32_t kind, carillon_model model,
                                    const char* policy, uint32_t max_count, uint32_t max_size) {
  auto* local = dynamic_cast<Local*>(overlay);
  if (local == nullptr || local->local || policy == nullptr) return -1;
  static constexpr std::array models{wire::DataModel::single_value, wire::DataModel::array,
                                     wire::DataModel::dictionary};
  const auto index = static_cast<std::size_t>(model);
  if (index >= models.size()) return -1;
  local->kinds.add(KindId{kind}, {models.at(index), policy, max_count, max_size});
  return 0;
}

uint64_t carillon_local_overlay_run(carillon_overlay* overlay, uint64_t monotonic_us,
                                    uint64_t wall_ms) {
  constexpr auto never = std::numeric_limits<uint64_t>::max();
  auto* local = dynamic_cast<Local*>(overlay);
  if (local == nullptr) return never;
  local->now = {MonotonicTime{std::chrono::microseconds{static_cast<std::int64_t>(monotonic_us)}},
                wall_time(wall_ms)};
  auto& running = local->overlay();
  running.handle_time(local->now);
  for (int i = 0; i < end_of_turn; ++i)
    running.run_completions();
  const auto next = running.next_deadline();
  if (!next) return never;
  const auto since_start =
      std::chrono::duration_cast<std::chrono::microseconds>(next->time_since_epoch());
  return static_cast<uint64_t>(since_start.count());
}

}  // extern "C"
