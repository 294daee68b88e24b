#pragma once

#include <functional>
#include <utility>

#include <carillon/error.hpp>

#include "base/fifo.hpp"

namespace carillon::peer {

/// Handlers of the application that are due. They run outside of everything else, so that they
/// may call the overlay (overlay.hpp).
class Completions {
 public:
  void add(std::move_only_function<void()> handler) { due_.push_back(std::move(handler)); }

  template <typename T>
  void add(std::move_only_function<void(Result<T>)> handler, Result<T> result) {
    due_.push_back([run = std::move(handler), outcome = std::move(result)]() mutable {
      run(std::move(outcome));
    });
  }

  /// Runs what is due now; what those handlers add waits for the next call. False: nothing was.
  bool run() {
    const bool any = !due_.empty();
    for (std::size_t count = due_.size(); count > 0; --count) {
      auto handler = due_.take_front();
      handler();
    }
    return any;
  }
  [[nodiscard]] bool empty() const { return due_.empty(); }

 private:
  Fifo<std::move_only_function<void()>> due_;
};

}  // namespace carillon::peer
