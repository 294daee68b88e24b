#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"

namespace carillon::sim {

/// What must never happen, and did.
struct Violation {
  MonotonicTime at{};
  std::string what{};
};

class Violations {
 public:
  static constexpr std::size_t max_kept = 100;

  void add(MonotonicTime at, std::string what) {
    if (list_.size() < max_kept) list_.push_back({at, std::move(what)});
  }
  [[nodiscard]] const std::vector<Violation>& list() const { return list_; }

 private:
  std::vector<Violation> list_;
};

}  // namespace carillon::sim
