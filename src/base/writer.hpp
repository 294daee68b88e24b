#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"

namespace carillon {

/// Writes network-order values to a growing buffer.
class Writer {
 public:
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { integer(value, 2); }
  void u24(std::uint32_t value) { integer(value, 3); }
  void u32(std::uint32_t value) { integer(value, 4); }
  void u64(std::uint64_t value) { integer(value, 8); }
  void bytes(ByteView octets) { append(out_, octets); }

  void opaque8(ByteView octets) { opaque(octets, 1); }
  void opaque16(ByteView octets) { opaque(octets, 2); }
  void opaque24(ByteView octets) { opaque(octets, 3); }
  void opaque32(ByteView octets) { opaque(octets, 4); }

  /// Writes a length of `width` octets and then what `body(writer)` writes; the length is its size.
  /// What does not fit in the width is a bug of the caller: values are checked when they are made.
  template <typename Body>
  void sized(std::size_t width, Body&& body) {
    const std::size_t start = out_.size();
    integer(0, width);
    std::forward<Body>(body)(*this);
    patch(start, out_.size() - start - width, width);
  }

  /// Overwrites `width` octets at `position` with `value`.
  void patch(std::size_t position, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      out_[position + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
    }
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] ByteView view() const { return out_; }
  [[nodiscard]] Bytes take() && { return std::move(out_); }

 private:
  void integer(std::uint64_t value, std::size_t width) {
    out_.resize(out_.size() + width);
    patch(out_.size() - width, value, width);
  }
  void opaque(ByteView octets, std::size_t width) {
    integer(octets.size(), width);
    bytes(octets);
  }

  Bytes out_;
};

}  // namespace carillon
