#include "overlay/support/overlay_suite.hpp"
#include "peer/support/network.hpp"

namespace carillon::overlay_test {
namespace {

/// A ring of RELOAD peers in one process, under virtual time.
class RingHarness {
 public:
  [[nodiscard]] std::size_t nodes() const { return size; }
  [[nodiscard]] WallTime now() const { return network_->now().wall; }
  void call(std::size_t node, const std::function<void(Overlay&)>& use) {
    network_->turn(network_->host(node), [&](peer::Peer& peer) { use(peer); });
  }
  bool run_until(const std::function<bool()>& condition, milliseconds limit) {
    return network_->run_until(condition, limit);
  }

 private:
  static constexpr std::size_t size = 5;  // More than hold copies of a value.
  std::unique_ptr<peer::Network> network_ = peer::Network::ring(size);
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Reload, OverlaySuite, RingHarness);

}  // namespace carillon::overlay_test
