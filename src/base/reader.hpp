#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.hpp"

namespace carillon {

/// Reads network-order values from octets, never past their end.
///
/// The first thing that does not fit makes the reader fail; from then on every read yields zeros
/// and empty views, so a parser reads a whole structure and asks once, at its end, whether it was
/// all there (`error()`). Nothing is copied: views point into the input.
class Reader {
 public:
  explicit Reader(ByteView input) : input_(input) {}

  [[nodiscard]] std::uint8_t u8(const char* field) { return integer<std::uint8_t, 1>(field); }
  [[nodiscard]] std::uint16_t u16(const char* field) { return integer<std::uint16_t, 2>(field); }
  [[nodiscard]] std::uint32_t u24(const char* field) { return integer<std::uint32_t, 3>(field); }
  [[nodiscard]] std::uint32_t u32(const char* field) { return integer<std::uint32_t, 4>(field); }
  [[nodiscard]] std::uint64_t u64(const char* field) { return integer<std::uint64_t, 8>(field); }

  /// The next `count` octets.
  [[nodiscard]] ByteView bytes(std::size_t count, const char* field);
  /// `opaque field<0..2^8-1>` and its wider brothers: a length, then that many octets.
  [[nodiscard]] ByteView opaque8(const char* field) { return bytes(u8(field), field); }
  [[nodiscard]] ByteView opaque16(const char* field) { return bytes(u16(field), field); }
  [[nodiscard]] ByteView opaque24(const char* field) { return bytes(u24(field), field); }
  [[nodiscard]] ByteView opaque32(const char* field) { return bytes(u32(field), field); }

  /// A reader over the next `count` octets, with offsets that go on counting from ours.
  [[nodiscard]] Reader sub(std::size_t count, const char* field);
  [[nodiscard]] ByteView rest() { return bytes(remaining(), "rest"); }

  [[nodiscard]] std::size_t remaining() const { return failed_ ? 0 : input_.size() - position_; }
  [[nodiscard]] bool at_end() const { return remaining() == 0; }
  /// Octets from the start of the outermost input.
  [[nodiscard]] std::size_t offset() const { return base_ + position_; }

  /// Makes the reader fail: `field` at the present offset is wrong in the way `detail` says.
  void reject(const char* field, std::string detail) {
    reject_at(field, offset(), std::move(detail));
  }
  void reject_at(const char* field, std::size_t offset, std::string detail);
  /// Takes over the failure of a reader that `sub` made, if it failed.
  void merge(const Reader& other);
  /// Fails if octets are left over.
  void expect_end(const char* structure);

  [[nodiscard]] bool failed() const { return failed_; }
  /// The first failure; call only if `failed()`.
  [[nodiscard]] const Error& error() const { return error_; }
  /// `value` if all was read, else the error.
  template <typename T>
  [[nodiscard]] Result<T> finish(T value) const {
    if (failed_) return std::unexpected(error_);
    return value;
  }

 private:
  template <typename T, std::size_t width>
  T integer(const char* field) {
    std::uint64_t value = 0;
    const ByteView octets = bytes(width, field);
    for (auto octet : octets)
      value = (value << 8) | octet;
    return static_cast<T>(value);
  }

  ByteView input_;
  std::size_t base_{0};  ///< Where our input starts within the outermost one.
  std::size_t position_{0};
  bool failed_{false};
  Error error_{};
};

}  // namespace carillon
