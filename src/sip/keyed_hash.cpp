#include "sip/keyed_hash.hpp"

#include <bit>
#include <cstring>

namespace carillon::sip {
namespace {

constexpr std::size_t word_size = 8;

struct State {
  std::uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
};

/// Of up to eight octets.
std::uint64_t little_endian(std::string_view octets) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (octets.size() == word_size) {
      std::memcpy(&word, octets.data(), word_size);
      return word;
    }
  }
  for (std::size_t i = 0; i < octets.size(); ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(octets[i])) << (8 * i);
  }
  return word;
}

}  // namespace

std::uint64_t KeyedHash::operator()(std::string_view text) const {
  State state{key_[0] ^ 0x736f6d6570736575U, key_[1] ^ 0x646f72616e646f6dU,
              key_[0] ^ 0x6c7967656e657261U, key_[1] ^ 0x7465646279746573U};
  const std::uint64_t length = static_cast<std::uint64_t>(text.size()) << 56;
  for (; text.size() >= word_size; text.remove_prefix(word_size))
    state.absorb(little_endian(text.substr(0, word_size)));
  state.absorb(length | little_endian(text));
  state.v2 ^= 0xff;
  state.rounds(4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::string hex64(std::uint64_t value) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4)
    text[i] = digits[value & 15];
  return text;
}

}  // namespace carillon::sip
