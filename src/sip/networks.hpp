#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sip/address.hpp"

namespace carillon::sip {

/// Some addresses and networks.
class Networks {
 public:
  /// "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32"; false if it is none of that.
  [[nodiscard]] bool add(std::string_view text);
  [[nodiscard]] bool contains(std::string_view host) const;
  [[nodiscard]] bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    IpAddress prefix{};
    IpAddress mask{};
  };
  std::vector<Network> networks_;
};

}  // namespace carillon::sip
