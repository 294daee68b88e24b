#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

namespace carillon {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A node's place in the overlay: 16 octets, as CHORD-RELOAD has it (RFC 6940, 6.3.1.1 and 10).
class NodeId {
 public:
  static constexpr std::size_t size = 16;
  using Octets = std::array<std::uint8_t, size>;

  constexpr NodeId() = default;
  explicit constexpr NodeId(const Octets& octets) : octets_(octets) {}

  /// `malformed` unless `octets` has 16 of them.
  [[nodiscard]] static Result<NodeId> from_bytes(ByteView octets);
  /// `malformed` unless `text` is 32 hexadecimal digits.
  [[nodiscard]] static Result<NodeId> from_hex(std::string_view text);

  [[nodiscard]] constexpr const Octets& octets() const { return octets_; }
  [[nodiscard]] ByteView bytes() const { return octets_; }
  [[nodiscard]] std::string to_hex() const;
  /// All zero is reserved and never a node (6.3.1.1).
  [[nodiscard]] bool is_zero() const { return *this == NodeId{}; }
  /// All ones is the wildcard: whoever is at the other end (6.3.1.1).
  [[nodiscard]] bool is_wildcard() const { return *this == wildcard(); }
  [[nodiscard]] static NodeId wildcard();

  /// As two numbers, in the order of the octets: routing compares Node-IDs all the time.
  [[nodiscard]] constexpr std::array<std::uint64_t, 2> words() const {
    auto words = std::bit_cast<std::array<std::uint64_t, 2>>(octets_);
    if constexpr (std::endian::native == std::endian::little) {
      for (auto& word : words)
        word = std::byteswap(word);
    }
    return words;
  }

  friend constexpr bool operator==(const NodeId& left, const NodeId& right) {
    return left.words() == right.words();
  }
  friend constexpr std::strong_ordering operator<=>(const NodeId& left, const NodeId& right) {
    return left.words() <=> right.words();
  }

 private:
  Octets octets_{};
};

/// A resource's place in the overlay: up to 255 octets on the wire, 16 under CHORD-RELOAD.
class ResourceId {
 public:
  ResourceId() = default;
  explicit ResourceId(Bytes octets) : octets_(std::move(octets)) {}
  /// The Resource-ID at the very place of a node, e.g. for "n+1" (10.5) and certificates (8).
  explicit ResourceId(const NodeId& node) : octets_(node.octets().begin(), node.octets().end()) {}

  [[nodiscard]] static Result<ResourceId> from_hex(std::string_view text);
  [[nodiscard]] ByteView bytes() const { return octets_; }
  [[nodiscard]] std::string to_hex() const;

  friend auto operator<=>(const ResourceId&, const ResourceId&) = default;

 private:
  Bytes octets_;
};

/// What sort of data a value is (7, 14.6). A strong type: 0 is invalid.
enum class KindId : std::uint32_t {
  invalid = 0,
  sip_registration = 0x1,     ///< RFC 7904
  turn_service = 0x2,         ///< RFC 6940, 9
  certificate_by_node = 0x3,  ///< RFC 6940, 8
  certificate_by_user = 0x10,
  // Carillon's own, from the private range 0xf0000001 to 0xfffffffe (14.6).
  carillon_contacts = 0xf0000001,    ///< The contact list of an AOR, keyed by serving peer.
  carillon_credential = 0xf0000002,  ///< A user's sealed digest credentials.
  // 0xf0000003 to 0xf0000005 are used between peers, and never stored (range digests, strays,
  // bundles).
  carillon_enrollment = 0xf0000010,  ///< That a newcomer's token was used, keyed by peer.
};

}  // namespace carillon

template <>
struct std::hash<carillon::NodeId> {
  std::size_t operator()(const carillon::NodeId& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = (value << 8) | id.octets()[i];
    return value;
  }
};

template <>
struct std::hash<carillon::ResourceId> {
  std::size_t operator()(const carillon::ResourceId& id) const noexcept {
    std::size_t value = 1469598103934665603U;
    for (auto octet : id.bytes())
      value = (value ^ octet) * 1099511628211U;
    return value;
  }
};
