#include "sim/openssl_random.hpp"

#include <openssl/rand.h>

#include "sim/random.hpp"

namespace carillon::sim {
namespace {

SmallRandom& generator() {
  static SmallRandom random{0};
  return random;
}

int draw(unsigned char* out, int count) {
  const Bytes octets = generator().bytes(static_cast<std::size_t>(count));
  std::ranges::copy(octets, out);
  return 1;
}

int is_seeded() {
  return 1;
}

}  // namespace

void seed_openssl(std::uint64_t seed) {
  generator() = SmallRandom{seed};
  static const RAND_METHOD method{nullptr, draw, nullptr, nullptr, draw, is_seeded};
  // The one way that OpenSSL 3.0 has; the providers that replace it come with 3.1.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  RAND_set_rand_method(&method);
#pragma GCC diagnostic pop
}

}  // namespace carillon::sim
