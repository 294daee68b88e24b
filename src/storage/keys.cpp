#include "storage/keys.hpp"

#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::storage::keys {

namespace {

Writer start(char sort) {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(sort));
  return writer;
}

}  // namespace

Bytes format() {
  return start('m').take();
}

Bytes record(const ResourceId& resource, KindId kind) {
  Writer writer = start('r');
  writer.bytes(resource.bytes());
  writer.u32(static_cast<std::uint32_t>(kind));
  return std::move(writer).take();
}

Bytes record_start(ByteView resource) {
  Writer writer = start('r');
  writer.bytes(resource);
  return std::move(writer).take();
}

Bytes index(KindId kind, const ResourceId& resource) {
  Writer writer = start('f');
  writer.u32(static_cast<std::uint32_t>(kind));
  writer.bytes(resource.bytes());
  return std::move(writer).take();
}

Bytes expiry(WallTime when, const ResourceId& resource, KindId kind) {
  Writer writer = start('x');
  writer.u64(to_milliseconds(when));
  writer.bytes(resource.bytes());
  writer.u32(static_cast<std::uint32_t>(kind));
  return std::move(writer).take();
}

Bytes expiry_start() {
  return start('x').take();
}

Bytes certificate(const Sha256Digest& digest) {
  Writer writer = start('c');
  writer.bytes(digest);
  return std::move(writer).take();
}

std::optional<RecordId> parse_record(ByteView key) {
  Reader reader{key};
  const bool right_sort = reader.u8("sort") == 'r';
  RecordId id{ResourceId{to_bytes(reader.bytes(resource_size, "resource"))}, {}};
  id.kind = static_cast<KindId>(reader.u32("kind"));
  reader.expect_end("key");
  if (reader.failed() || !right_sort) return std::nullopt;
  return id;
}

std::optional<RecordId> parse_index(ByteView key) {
  Reader reader{key};
  const bool right_sort = reader.u8("sort") == 'f';
  const auto kind = static_cast<KindId>(reader.u32("kind"));
  RecordId id{ResourceId{to_bytes(reader.bytes(resource_size, "resource"))}, kind};
  reader.expect_end("key");
  if (reader.failed() || !right_sort) return std::nullopt;
  return id;
}

std::optional<Expiry> parse_expiry(ByteView key) {
  Reader reader{key};
  const bool right_sort = reader.u8("sort") == 'x';
  Expiry found;
  found.when = wall_time(reader.u64("when"));
  found.id.resource = ResourceId{to_bytes(reader.bytes(resource_size, "resource"))};
  found.id.kind = static_cast<KindId>(reader.u32("kind"));
  reader.expect_end("key");
  if (reader.failed() || !right_sort) return std::nullopt;
  return found;
}

}  // namespace carillon::storage::keys
