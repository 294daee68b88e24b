#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace carillon::sip {

/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a secret key: for hash tables whose keys come
/// from strangers, and for short texts that others should not be able to make up (tags, branches).
class KeyedHash {
 public:
  explicit KeyedHash(Random& random) : key_{random.u64(), random.u64()} {}
  KeyedHash(std::uint64_t key0, std::uint64_t key1) : key_{key0, key1} {}

  [[nodiscard]] std::uint64_t operator()(std::string_view text) const;

 private:
  std::array<std::uint64_t, 2> key_;
};

/// For std::unordered_map with std::string keys that are looked up by std::string_view.
struct KeyedStringHash {
  using is_transparent = void;
  KeyedHash hash;
  std::size_t operator()(std::string_view text) const { return hash(text); }
};

/// 16 hexadecimal digits.
[[nodiscard]] std::string hex64(std::uint64_t value);

}  // namespace carillon::sip
