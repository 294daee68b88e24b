// Records and certificates as they lie in the backend, whatever the disk has made of them.
#include <algorithm>

#include "base/checksum.hpp"
#include "check.hpp"
#include "storage/certificate_table.hpp"
#include "storage/keys.hpp"
#include "storage/kind_record.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets{data, size};
  check(size < 4 || storage::KindRecord::decode(octets).has_value() ||
        storage::KindRecord::decode(octets).error().code == ErrorCode::corrupt);
  static_cast<void>(storage::keys::parse_record(octets));
  static_cast<void>(storage::keys::parse_index(octets));
  static_cast<void>(storage::keys::parse_expiry(octets));
  // Behind the checksum, which no mutation gets right, lies the parser.
  Bytes record(4);
  append(record, octets);
  const std::uint32_t sum = crc32(octets);
  for (std::size_t i = 0; i < 4; ++i)
    record[i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
  if (const auto decoded = storage::KindRecord::decode(record)) {
    check(storage::KindRecord::decode(decoded->encode())->entries.size() ==
          decoded->entries.size());
  }
  if (const auto decoded = storage::CertificateRecord::decode(record)) {
    check(std::ranges::equal(decoded->encode(), record));
  }
  return 0;
}
