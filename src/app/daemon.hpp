#pragma once

#include "app/peer_settings.hpp"

namespace carillon::app {

/// `carillon peer`: runs until it has left the overlay; 0, or 130 when a second signal cut it
/// short. Throws Failure if it cannot start or join.
[[nodiscard]] int run_daemon(PeerSettings settings);

}  // namespace carillon::app
