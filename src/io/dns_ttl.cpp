#include "io/dns_ttl.hpp"

#include <algorithm>
#include <optional>

#include "base/reader.hpp"

namespace carillon::io {
namespace {

constexpr std::uint16_t type_soa = 6;
constexpr std::uint8_t pointer_bits = 0xC0;

/// Labels up to the root or a pointer (4.1.4).
void skip_name(Reader& reader) {
  while (!reader.failed()) {
    const auto length = reader.u8("label");
    if (length == 0) return;
    if ((length & pointer_bits) == pointer_bits) {
      (void)reader.u8("pointer");
      return;
    }
    (void)reader.bytes(length, "label");
  }
}

struct ResourceRecord {
  std::uint16_t type{};
  std::uint32_t ttl{};
  ByteView data{};
};

ResourceRecord read_record(Reader& reader) {
  ResourceRecord out;
  skip_name(reader);
  out.type = reader.u16("type");
  (void)reader.u16("class");
  out.ttl = reader.u32("ttl");
  // The highest bit set means 0 (RFC 2181, 8).
  if ((out.ttl >> 31U) != 0) out.ttl = 0;
  out.data = reader.opaque16("data");
  return out;
}

/// The last of the numbers at the end of a SOA record: for how long a name that is not there is
/// known not to be.
std::uint32_t negative_ttl(const ResourceRecord& soa) {
  constexpr std::size_t minimum_size = 4;
  if (soa.data.size() < minimum_size) return 0;
  Reader reader{soa.data.last(minimum_size)};
  return std::min(soa.ttl, reader.u32("minimum"));
}

}  // namespace

seconds dns_ttl(ByteView answer) {
  Reader reader{answer};
  (void)reader.u32("id and flags");
  const auto questions = reader.u16("questions");
  const auto answers = reader.u16("answers");
  const auto authorities = reader.u16("authorities");
  (void)reader.u16("additional");
  for (unsigned i = 0; i < questions && !reader.failed(); ++i) {
    skip_name(reader);
    (void)reader.u32("type and class");
  }
  std::optional<std::uint32_t> least;
  for (unsigned i = 0; i < answers && !reader.failed(); ++i) {
    const auto ttl = read_record(reader).ttl;
    least = std::min(least.value_or(ttl), ttl);
  }
  for (unsigned i = 0; answers == 0 && i < authorities && !reader.failed(); ++i) {
    const auto record = read_record(reader);
    if (record.type == type_soa) least = negative_ttl(record);
  }
  return seconds{reader.failed() ? 0 : least.value_or(0)};
}

}  // namespace carillon::io
