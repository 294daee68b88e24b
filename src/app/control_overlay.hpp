#pragma once

#include <filesystem>
#include <string>

#include "app/enrollment/enrollment_overlay.hpp"

namespace carillon::app {

/// The overlay as an enrollment server sees it: through the control socket of a peer beside it.
class ControlOverlay final : public EnrollmentOverlay {
 public:
  /// `domain`: a SIP domain of the overlay, in whose name tokens' claims are stored.
  ControlOverlay(std::filesystem::path control, std::string domain)
      : control_(std::move(control)), domain_(std::move(domain)) {}

  [[nodiscard]] Result<std::vector<Claim>> claims(const std::string& token_id) override;
  [[nodiscard]] Result<void> add_claim(const std::string& token_id, const Claim& claim,
                                       seconds lifetime) override;
  [[nodiscard]] Result<RingView> ring() override;

 private:
  [[nodiscard]] std::string resource_name(const std::string& token_id) const;

  std::filesystem::path control_;
  std::string domain_;
};

}  // namespace carillon::app
