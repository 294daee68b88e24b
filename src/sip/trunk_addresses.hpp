#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/server_locator.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

/// The addresses from which trusted trunks speak: those in their URIs, or what the names in them
/// stand for, which is asked again each minute (the locator's cache keeps what may be kept).
class TrunkAddresses {
 public:
  TrunkAddresses(CoreContext& context, const Transports& transports, ServerLocator& locator);

  /// Looks for those that go by a name. Call once the sockets are open.
  void start();
  [[nodiscard]] bool has(std::string_view host) const;

 private:
  struct Named {
    ServerQuery query{};
    std::vector<std::string> hosts{};
  };
  void look();

  static constexpr seconds interval{60};

  CoreContext& context_;
  const Transports& transports_;
  ServerLocator& locator_;
  std::vector<std::string> fixed_;
  std::vector<Named> named_;
  ScopedTimer timer_;
};

}  // namespace carillon::sip
