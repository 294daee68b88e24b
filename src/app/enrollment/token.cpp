#include "app/enrollment/token.hpp"

#include <algorithm>
#include <chrono>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::app {
namespace {

constexpr std::string_view prefix = "carillon-token-";
constexpr std::uint8_t version = 1;
constexpr std::size_t id_size = 16;
constexpr std::size_t mac_size = 16;
constexpr std::size_t id_at = 1;
constexpr std::size_t expires_at = id_at + id_size;
constexpr std::size_t root_at = expires_at + 8;
constexpr std::size_t mac_at = root_at + std::tuple_size_v<Sha256Digest>;
constexpr std::size_t token_size = mac_at + mac_size;

Bytes mac_of(const TokenKey& key, ByteView octets) {
  const auto whole = HmacSha256{key.octets}(octets.first(mac_at));
  return {whole.begin(), whole.begin() + mac_size};
}

/// Takes the same time whatever differs: an attacker must not learn how far he was right.
bool equal(ByteView one, ByteView other) {
  int difference = one.size() == other.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
    difference |= one[i] ^ other[i];
  return difference == 0;
}

}  // namespace

TokenKey TokenKey::generate(Random& random) {
  TokenKey key;
  std::ranges::copy(random.bytes(key.octets.size()), key.octets.begin());
  return key;
}

Result<TokenKey> TokenKey::from_text(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with(' '))
    text.remove_suffix(1);
  const auto octets = from_hex(text);
  TokenKey key;
  if (!octets || octets->size() != key.octets.size()) {
    return fail(ErrorCode::invalid_argument, "token key", "must be 64 hexadecimal digits");
  }
  std::ranges::copy(*octets, key.octets.begin());
  return key;
}

std::string TokenKey::to_text() const {
  return to_hex(octets) + "\n";
}

Token Token::create(const TokenKey& key, const Sha256Digest& root, WallTime expires,
                    Random& random) {
  Writer writer;
  writer.u8(version);
  writer.bytes(random.bytes(id_size));
  writer.u64(static_cast<std::uint64_t>(
      std::chrono::duration_cast<seconds>(expires.time_since_epoch()).count()));
  writer.bytes(root);
  auto octets = std::move(writer).take();
  const auto mac = mac_of(key, octets);
  octets.insert(octets.end(), mac.begin(), mac.end());
  return Token(std::move(octets));
}

Result<Token> Token::parse(std::string_view text) {
  const auto malformed = [] { return fail(ErrorCode::malformed, "token", "is none of ours"); };
  if (!text.starts_with(prefix) || text.size() > max_text_size) return malformed();
  std::string standard{text.substr(prefix.size())};
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  while (standard.size() % 4 != 0)
    standard += '=';
  auto octets = from_base64(standard);
  if (!octets || octets->size() != token_size || octets->front() != version) return malformed();
  return Token(*std::move(octets));
}

Result<void> Token::verify(const TokenKey& key, WallTime now) const {
  if (!equal(mac_of(key, octets_), ByteView{octets_}.subspan(mac_at))) {
    return fail(ErrorCode::forbidden, "token", "was not made for this overlay");
  }
  if (now >= expires()) return fail(ErrorCode::forbidden, "token", "has expired");
  return {};
}

std::string Token::text() const {
  auto encoded = to_base64(octets_);
  while (encoded.ends_with('='))
    encoded.pop_back();
  std::ranges::replace(encoded, '+', '-');
  std::ranges::replace(encoded, '/', '_');
  return std::string(prefix) + encoded;
}

std::string Token::id() const {
  return to_hex(ByteView{octets_}.subspan(id_at, id_size));
}

WallTime Token::expires() const {
  // Beyond this (the year 2255) our clock ends, whatever somebody has written.
  constexpr std::uint64_t latest = 9'000'000'000;
  Reader reader{ByteView{octets_}.subspan(expires_at, 8)};
  const auto since_epoch = std::min(reader.u64("expires"), latest);
  return WallTime{} + seconds{static_cast<std::int64_t>(since_epoch)};
}

Sha256Digest Token::root() const {
  Sha256Digest digest{};
  std::ranges::copy(ByteView{octets_}.subspan(root_at, digest.size()), digest.begin());
  return digest;
}

}  // namespace carillon::app
