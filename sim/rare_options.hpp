#pragma once

#include "peer/peer_options.hpp"
#include "sim/random.hpp"

namespace carillon::sim {

/// Makes rare paths likely: queues and tables are tiny, timers fire early. What a peer with such
/// options does slowly it must still do right.
void make_rare(peer::PeerOptions& options, Random& random);

}  // namespace carillon::sim
