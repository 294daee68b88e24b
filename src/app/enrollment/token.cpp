#include "app/enrollment/token.hpp"

#include <algorithm>
#include <chrono>

#include "base/base64.hpp"
#include "base/constant_time.hpp"
#include "base/hex.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::app {
namespace {

constexpr std::string_view token_prefix = "carillon-token-";
constexpr std::string_view group_prefix = "carillon-group-";
constexpr std::uint8_t single = 1;
constexpr std::uint8_t of_group = 2;
constexpr std::size_t id_size = 16;
constexpr std::size_t mac_size = 16;
constexpr std::size_t expires_at = 1 + id_size;
constexpr std::size_t root_at = expires_at + 8;
constexpr std::size_t head_size = root_at + std::tuple_size_v<Sha256Digest>;
constexpr std::size_t single_size = head_size + mac_size;
constexpr std::size_t of_group_size = head_size + id_size + mac_size;
constexpr std::size_t group_size = head_size + std::tuple_size_v<Sha256Digest>;

Bytes mac_of(ByteView key, ByteView octets) {
  const auto whole = HmacSha256{key}(octets);
  return {whole.begin(), whole.begin() + mac_size};
}

void append(Bytes& octets, ByteView more) {
  octets.insert(octets.end(), more.begin(), more.end());
}

/// What single tokens and groups begin with.
Bytes head(std::uint8_t version, const Sha256Digest& root, WallTime expires, Random& random) {
  Writer writer;
  writer.u8(version);
  writer.bytes(random.bytes(id_size));
  writer.u64(static_cast<std::uint64_t>(
      std::chrono::duration_cast<seconds>(expires.time_since_epoch()).count()));
  writer.bytes(root);
  return std::move(writer).take();
}

std::string encode(std::string_view prefix, ByteView octets) {
  return std::string(prefix) + to_base64url(octets);
}

Result<Bytes> decode(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || text.size() > Token::max_text_size) {
    return fail(ErrorCode::malformed, "token", "is none of ours");
  }
  auto octets = from_base64url(text.substr(prefix.size()));
  if (!octets) return fail(ErrorCode::malformed, "token", "is none of ours");
  return octets;
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
  auto octets = head(single, root, expires, random);
  append(octets, mac_of(key.octets, octets));
  return Token(std::move(octets));
}

Result<Token> Token::parse(std::string_view text) {
  auto octets = decode(token_prefix, text);
  if (!octets) return std::unexpected(octets.error());
  const auto version = octets->empty() ? 0 : octets->front();
  const bool good = (version == single && octets->size() == single_size) ||
                    (version == of_group && octets->size() == of_group_size);
  if (!good) return fail(ErrorCode::malformed, "token", "is none of ours");
  return Token(*std::move(octets));
}

Result<void> Token::verify(const TokenKey& key, WallTime now) const {
  const ByteView all{octets_};
  const auto before_mac = all.first(all.size() - mac_size);
  const auto mac = octets_.front() == single
                       ? mac_of(key.octets, before_mac)
                       : mac_of(HmacSha256{key.octets}(all.first(head_size)), before_mac);
  if (!equal_in_constant_time(mac, all.last(mac_size))) {
    return fail(ErrorCode::forbidden, "token", "was not made for this overlay");
  }
  if (now >= expires()) return fail(ErrorCode::forbidden, "token", "has expired");
  return {};
}

std::string Token::text() const {
  return encode(token_prefix, octets_);
}

std::string Token::id() const {
  const auto at = octets_.front() == single ? std::size_t{1} : head_size;
  return to_hex(ByteView{octets_}.subspan(at, id_size));
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

GroupToken GroupToken::create(const TokenKey& key, const Sha256Digest& root, WallTime expires,
                              Random& random) {
  auto octets = head(of_group, root, expires, random);
  append(octets, HmacSha256{key.octets}(octets));
  return GroupToken(std::move(octets));
}

bool GroupToken::is_one(std::string_view text) {
  return text.starts_with(group_prefix);
}

Result<GroupToken> GroupToken::parse(std::string_view text) {
  auto octets = decode(group_prefix, text);
  if (!octets) return std::unexpected(octets.error());
  if (octets->size() != group_size || octets->front() != of_group) {
    return fail(ErrorCode::malformed, "token", "is none of ours");
  }
  return GroupToken(*std::move(octets));
}

std::string GroupToken::text() const {
  return encode(group_prefix, octets_);
}

Token GroupToken::derive(Random& random) const {
  const auto key = ByteView{octets_}.subspan(head_size);
  Bytes octets(octets_.begin(), octets_.begin() + head_size);
  append(octets, random.bytes(id_size));
  append(octets, mac_of(key, octets));
  return Token(std::move(octets));
}

}  // namespace carillon::app
