#include "base/prefetch.hpp"
#include "sim/world.hpp"

namespace carillon::sim {

// Ten thousand peers are gigabytes, and each event is another peer's: nearly all the time goes by
// waiting for memory. What comes next is known, so the way to its peer is followed ahead of time,
// one step at a time, as each needs what the one before has brought.
void World::look_ahead() const {
  constexpr std::size_t step = 3;
  if (const Event* event = events_.upcoming(6 * step)) prefetch(event, sizeof *event);
  const auto is_arrival = [](const Event& event) {
    return event.kind == EventKind::deliver || event.kind == EventKind::closed;
  };
  const auto host_of = [&](const Event* event) -> const Host* {
    if (event == nullptr) return nullptr;
    if (is_arrival(*event)) return hosts_[network_.host_of(*event)].get();
    return event->kind == EventKind::wake ? hosts_[event->subject].get() : nullptr;
  };
  if (const Event* event = events_.upcoming(5 * step); event != nullptr && is_arrival(*event)) {
    network_.prefetch(*event);
  }
  if (const Host* host = host_of(events_.upcoming(4 * step))) prefetch(host, 192);
  if (const Host* host = host_of(events_.upcoming(3 * step)); host != nullptr && host->peer) {
    host->peer->prefetch();
    prefetch(host->links.data(), host->links.size() * sizeof host->links.front());
  }
  if (const Host* host = host_of(events_.upcoming(2 * step)); host != nullptr && host->peer) {
    host->peer->prefetch_tables();
  }
  const Event* soon = events_.upcoming(step);
  if (const Host* host = host_of(soon); host != nullptr && host->peer) {
    host->peer->prefetch_link(is_arrival(*soon) ? network_.link_of(*soon) : link::LinkId::none);
  }
}

}  // namespace carillon::sim
