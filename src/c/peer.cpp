#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "app/failure.hpp"
#include "app/overlay_peer.hpp"
#include "c/handle.hpp"
#include "io/event_loop.hpp"

using namespace carillon;

namespace {

/// Members stand in the order in which they are built.
struct RingPeer final : carillon_overlay {
  RingPeer(app::OverlayPeerSettings settings, NoticeSink log)
      : peer(loop, std::move(settings), std::move(log)), node_id(peer.peer().node_id().to_hex()) {}

  io::EventLoop loop;
  app::OverlayPeer peer;
  std::string node_id;

  /// What is known of others, for the next start.
  void remember() { peer.known_peers().update(peer.peer().known_peers()); }

  Overlay& begin_input() override {
    peer.scheduler().begin_input();
    return peer.peer();
  }
};

NoticeSink log_of(const carillon_peer_settings& settings) {
  if (settings.log == nullptr) return [](const Notice&) {};
  return [log = settings.log, context = settings.log_context](const Notice& notice) {
    log(context, notice.text.c_str());
  };
}

app::OverlayPeerSettings read(const carillon_peer_settings& settings) {
  app::PeerSettings texts;
  texts.listen = c::text_or_empty(settings.listen);
  for (size_t i = 0; i < settings.bootstrap_count; ++i)
    texts.bootstrap.push_back(c::text_or_empty(settings.bootstrap[i]));
  const auto addresses = app::read_addresses(texts);
  return {.directory = c::text_or_empty(settings.directory),
          .data = c::text_or_empty(settings.data),
          .listen = addresses.reload,
          .bootstrap = addresses.bootstrap,
          .first = settings.first != 0};
}

void say(char* why, size_t size, const char* text) {
  if (why == nullptr || size == 0) return;
  const auto length = std::min(size - 1, std::strlen(text));
  std::copy_n(text, length, why);
  why[length] = '\0';
}

}  // namespace

extern "C" {

carillon_overlay* carillon_peer_new(const carillon_peer_settings* settings, char* why,
                                    size_t size) {
  try {
    return std::make_unique<RingPeer>(read(*settings), log_of(*settings)).release();
  } catch (const std::exception& failure) {
    say(why, size, failure.what());
    return nullptr;
  }
}

const char* carillon_peer_node_id(carillon_overlay* overlay) {
  const auto* ring = dynamic_cast<RingPeer*>(overlay);
  return ring == nullptr ? nullptr : ring->node_id.c_str();
}

int carillon_peer_serve(carillon_overlay* overlay, uint32_t milliseconds_at_most) {
  auto* ring = dynamic_cast<RingPeer*>(overlay);
  if (ring == nullptr) return -1;
  ring->told = false;
  // One turn at least: what is ready is served even if there is no time to wait for more.
  const auto limit = std::max<std::int64_t>(milliseconds_at_most, 1);
  const bool told = ring->loop.run_until([ring] { return ring->told; }, milliseconds{limit});
  if (told) ring->remember();
  return told ? 1 : 0;
}

}  // extern "C"
