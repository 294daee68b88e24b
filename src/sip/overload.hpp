#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace carillon::sip {

/// What a request is worth when there is too much to do.
enum class Work : std::uint8_t {
  fresh,     ///< Nothing has been done for it yet: a first registration, a new call.
  begun,     ///< Somebody has answered a challenge, or another peer has looked the phone up.
  promised,  ///< Belongs to what goes on already: within a dialog, ACK, CANCEL, responses.
};

/// Sheds work in this order when the processor has no time left, as little as will do: what is
/// shed grows while the load is above the target, and shrinks below it.
class Overload {
 public:
  /// The share of a processor's time that was used lately: 0 to 1.
  void report(double load) {
    level_ += load - target;
    if (level_ < 0) level_ = 0;
    if (level_ > 2) level_ = 2;
  }
  /// 0: none is shed; 1: all that is fresh; 2: all that was begun, too.
  [[nodiscard]] double level() const { return level_; }
  [[nodiscard]] bool sheds(Work work, Random& random) const {
    if (level_ <= 0 || work == Work::promised) return false;
    const double share = work == Work::fresh ? level_ : level_ - 1;
    return static_cast<double>(random.u64() >> 11) * 0x1p-53 < share;
  }

  static constexpr double target = 0.9;

 private:
  double level_{0};
};

}  // namespace carillon::sip
