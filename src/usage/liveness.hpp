#pragma once

#include <memory>
#include <utility>

namespace carillon::usage {

/// Keeps handlers that wait in an overlay from running once the object they belong to is gone.
class Liveness {
 public:
  /// `handler`, for as long as this lives; afterwards it does nothing.
  template <typename Handler>
  [[nodiscard]] auto guard(Handler handler) const {
    return [alive = std::weak_ptr<const char>(alive_),
            handler = std::move(handler)](auto&&... arguments) mutable {
      if (!alive.expired()) handler(std::forward<decltype(arguments)>(arguments)...);
    };
  }

 private:
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace carillon::usage
