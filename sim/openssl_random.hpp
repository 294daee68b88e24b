#pragma once

#include <cstdint>

namespace carillon::sim {

/// From now on OpenSSL draws keys and nonces from a seeded generator: the same seed makes the same
/// certificates and signatures, bit for bit. For the whole process, once.
void seed_openssl(std::uint64_t seed);

}  // namespace carillon::sim
