#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/random.hpp"

namespace carillon::io {

/// Unpredictable numbers from OpenSSL's generator, drawn a block at a time.
/// Throws std::runtime_error if the generator fails, which a program cannot go on without.
class SecureRandom final : public Random {
 public:
  ~SecureRandom() override;
  [[nodiscard]] std::uint64_t u64() override;

 private:
  std::array<std::uint64_t, 64> block_{};
  std::size_t used_{block_.size()};
};

}  // namespace carillon::io
