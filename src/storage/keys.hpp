#pragma once

#include <optional>

#include "base/hash.hpp"
#include "base/time.hpp"

// The keys of Storage's table, as a grammar; numbers are in network order, so that the backend's
// order of octets is theirs:
//
//   key         := format / record / index / expiry / certificate
//   format      := 'm'                                        -> version(1)
//   record      := 'r' resource(16) kind(4)                   -> kind record (kind_record.hpp)
//   index       := 'f' kind(4) resource(16)                   -> nothing
//   expiry      := 'x' milliseconds(8) resource(16) kind(4)   -> nothing
//   certificate := 'c' sha256(32)                             -> certificate
//   (certificate_table.hpp)
//
// Each record has exactly one index key, for Find, and one expiry key, which bears the time at
// which the first of its values expires. The Kinds of a resource lie side by side, and resources
// in the order of the ring.
namespace carillon::storage::keys {

inline constexpr std::uint8_t format_version = 1;
/// CHORD-RELOAD's Resource-IDs have 16 octets (10.2); no other is ever stored.
inline constexpr std::size_t resource_size = NodeId::size;

struct RecordId {
  ResourceId resource{};
  KindId kind{};
  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

[[nodiscard]] Bytes format();
[[nodiscard]] Bytes record(const ResourceId& resource, KindId kind);
/// Before every record of `resource`.
[[nodiscard]] Bytes record_start(ByteView resource);
[[nodiscard]] Bytes index(KindId kind, const ResourceId& resource);
[[nodiscard]] Bytes expiry(WallTime when, const ResourceId& resource, KindId kind);
[[nodiscard]] Bytes expiry_start();
[[nodiscard]] Bytes certificate(const Sha256Digest& digest);

/// Nothing if the key is of another sort.
[[nodiscard]] std::optional<RecordId> parse_record(ByteView key);
[[nodiscard]] std::optional<RecordId> parse_index(ByteView key);
struct Expiry {
  WallTime when{};
  RecordId id{};
};
[[nodiscard]] std::optional<Expiry> parse_expiry(ByteView key);

}  // namespace carillon::storage::keys
