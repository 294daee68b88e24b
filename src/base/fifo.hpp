#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace carillon {

/// A queue that takes no memory while it is empty: a peer has several for each of its links, nearly
/// all of them empty nearly always (std::deque allocates 600 octets to hold nothing).
template <typename T>
class Fifo {
 public:
  [[nodiscard]] bool empty() const { return first_ == items_.size(); }
  [[nodiscard]] std::size_t size() const { return items_.size() - first_; }
  [[nodiscard]] T& front() { return items_[first_]; }
  [[nodiscard]] const T& front() const { return items_[first_]; }
  [[nodiscard]] T& operator[](std::size_t index) { return items_[first_ + index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return items_[first_ + index]; }

  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    return items_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  void push_back(T item) { items_.push_back(std::move(item)); }

  void pop_front() {
    items_[first_++] = T{};
    if (empty()) return clear();
    // Moves what is left forward when that is the smaller part: constant on average.
    if (first_ < items_.size() - first_) return;
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  /// The first item, taken out.
  [[nodiscard]] T take_front() {
    T item = std::move(front());
    pop_front();
    return item;
  }

  void clear() {
    items_.clear();
    first_ = 0;
    if (items_.capacity() * sizeof(T) > kept_octets) release_memory(items_);
  }

  [[nodiscard]] auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  [[nodiscard]] auto end() { return items_.end(); }

 private:
  static constexpr std::size_t kept_octets = 128;

  std::vector<T> items_;
  std::size_t first_{0};
};

}  // namespace carillon
