#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace carillon::sim {

/// What has happened, as one number that two runs of one seed must agree on, and on demand as
/// sentences.
class Trace {
 public:
  explicit Trace(bool tells) : tells_(tells) {}

  /// Takes part in the hash: everything that reaches a peer.
  void record(MonotonicTime at, std::uint64_t what, std::uint64_t where, ByteView octets = {});
  [[nodiscard]] std::string hash() const;

  [[nodiscard]] bool tells() const { return tells_; }
  /// Prints a sentence to the standard output.
  void tell(MonotonicTime at, const std::string& sentence) const;

 private:
  bool tells_;
  std::uint64_t hash_{0x243f6a8885a308d3U};
};

}  // namespace carillon::sim
