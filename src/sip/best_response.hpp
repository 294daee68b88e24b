#pragma once

#include <optional>
#include <vector>

#include "sip/sip_message.hpp"

namespace carillon::sip {

/// Collects the final responses of the branches of a forked request and tells which one goes back
/// (RFC 3261, 16.7 steps 6 and 7).
class BestResponse {
 public:
  /// A final response other than 2xx, our Via taken off.
  void add(SipMessage response);
  [[nodiscard]] bool empty() const { return !best_; }
  [[nodiscard]] bool has_6xx() const { return best_ && best_->status() >= 600; }
  /// The best, with the challenges of all 401s and 407s if it is one; a 503 becomes a 500, since
  /// it says nothing about us, and a 430 a 480, since flows are our business.
  [[nodiscard]] SipMessage take();

 private:
  std::optional<SipMessage> best_;
  struct Challenge {
    HeaderId id{};
    std::string value{};
  };
  std::vector<Challenge> challenges_;
};

}  // namespace carillon::sip
