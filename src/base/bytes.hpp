#pragma once

#include <cstdint>
#include <string_view>

#include <carillon/ids.hpp>

namespace carillon {

/// The octets of a text, without a copy.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Octets read as text, without a copy; nothing is checked.
[[nodiscard]] inline std::string_view as_text(ByteView octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

[[nodiscard]] inline Bytes to_bytes(ByteView octets) {
  return {octets.begin(), octets.end()};
}

inline void append(Bytes& to, ByteView octets) {
  to.insert(to.end(), octets.begin(), octets.end());
}

/// Empties a vector or string and gives its memory back; `clear` keeps it, and so does `= {}`,
/// which assigns an empty list.
template <typename Container>
void release_memory(Container& container) {
  Container{}.swap(container);
}

}  // namespace carillon
