#include "storage/kind_record.hpp"

#include <algorithm>

#include "base/checksum.hpp"

namespace carillon::storage {

namespace {

enum class CertificateFlag : std::uint8_t { none = 0, in_signer_identity = 1, given = 2 };

/// No record holds more; a longer one was not written by us.
constexpr std::size_t max_entries = std::size_t{1} << 20U;

/// The certificate's SHA-256 if that is how the signature names it: then it need not be kept twice.
std::optional<Sha256Digest> named_digest(const wire::Signature& signature) {
  const auto* hash = std::get_if<wire::CertHash>(&signature.identity.identity);
  Sha256Digest digest{};
  if (hash == nullptr || hash->hash_alg != wire::HashAlgorithm::sha256 ||
      hash->certificate_hash.size() != digest.size()) {
    return std::nullopt;
  }
  std::ranges::copy(hash->certificate_hash, digest.begin());
  return digest;
}

void write_entry(Writer& writer, const StoredEntry& entry) {
  writer.u64(entry.data.storage_time);
  writer.u64(to_milliseconds(entry.expires));
  CertificateFlag flag = CertificateFlag::none;
  if (entry.certificate) {
    flag = named_digest(entry.data.signature) == entry.certificate
               ? CertificateFlag::in_signer_identity
               : CertificateFlag::given;
  }
  writer.u8(static_cast<std::uint8_t>(flag));
  if (flag == CertificateFlag::given) writer.bytes(*entry.certificate);
  entry.data.value.encode(writer);
  entry.data.signature.encode(writer);
}

StoredEntry read_entry(Reader& reader, wire::DataModel model) {
  StoredEntry entry;
  entry.data.storage_time = reader.u64("storage_time");
  entry.expires = wall_time(reader.u64("expires"));
  const auto flag = static_cast<CertificateFlag>(reader.u8("flag"));
  if (flag > CertificateFlag::given) reader.reject("flag", "no such flag");
  if (flag == CertificateFlag::given) {
    Sha256Digest digest{};
    const ByteView octets = reader.bytes(digest.size(), "digest");
    std::ranges::copy(octets, digest.begin());
    entry.certificate = digest;
  }
  entry.data.value = wire::StoredDataValue::decode(reader, model);
  entry.data.signature = wire::Signature::decode(reader);
  if (flag == CertificateFlag::in_signer_identity) {
    entry.certificate = named_digest(entry.data.signature);
    if (!entry.certificate) reader.reject("flag", "the signature names no certificate");
  }
  return entry;
}

}  // namespace

bool position_less(const wire::StoredDataValue& left, const wire::StoredDataValue& right) {
  if (left.entry.index() != right.entry.index()) return left.entry.index() < right.entry.index();
  if (const auto* array = std::get_if<wire::ArrayEntry>(&left.entry)) {
    return array->index < std::get<wire::ArrayEntry>(right.entry).index;
  }
  if (const auto* dictionary = std::get_if<wire::DictionaryEntry>(&left.entry)) {
    return dictionary->key < std::get<wire::DictionaryEntry>(right.entry).key;
  }
  return false;
}

wire::StoredData StoredEntry::at(WallTime now) const {
  wire::StoredData sent = data;
  const auto remaining = std::chrono::duration_cast<seconds>(expires - now).count();
  sent.lifetime = static_cast<std::uint32_t>(std::clamp<std::int64_t>(remaining, 0, UINT32_MAX));
  return sent;
}

Result<KindRecord> KindRecord::decode(ByteView octets) {
  Reader reader{octets};
  const std::uint32_t sum = reader.u32("crc32");
  if (!reader.failed() && sum != crc32(octets.subspan(crc32_size))) {
    return fail(ErrorCode::corrupt, "stored record", "checksum does not match");
  }
  KindRecord record;
  record.generation = reader.u64("generation");
  record.model = static_cast<wire::DataModel>(reader.u8("model"));
  if (record.model > wire::DataModel::dictionary) reader.reject("model", "no such data model");
  while (!reader.at_end()) {
    if (record.entries.size() == max_entries) reader.reject("entries", "too many");
    record.entries.push_back(read_entry(reader, record.model));
    const auto count = record.entries.size();
    if (count > 1 && !position_less(record.entries[count - 2].data.value,
                                    record.entries[count - 1].data.value)) {
      reader.reject("entries", "not in order");
    }
  }
  if (reader.failed()) {
    return fail(ErrorCode::corrupt, "stored record", reader.error().message());
  }
  return record;
}

Bytes KindRecord::encode() const {
  Writer writer;
  writer.u32(0);
  writer.u64(generation);
  writer.u8(static_cast<std::uint8_t>(model));
  for (const auto& entry : entries)
    write_entry(writer, entry);
  writer.patch(0, crc32(writer.view().subspan(crc32_size)), crc32_size);
  return std::move(writer).take();
}

StoredEntry* KindRecord::find(const wire::StoredDataValue& value) {
  return const_cast<StoredEntry*>(std::as_const(*this).find(value));
}

const StoredEntry* KindRecord::find(const wire::StoredDataValue& value) const {
  const auto at = std::ranges::lower_bound(
      entries, value, position_less,
      [](const StoredEntry& entry) -> const wire::StoredDataValue& { return entry.data.value; });
  if (at == entries.end() || position_less(value, at->data.value)) return nullptr;
  return &*at;
}

StoredEntry& KindRecord::insert(StoredEntry entry) {
  const auto at = std::ranges::lower_bound(
      entries, entry.data.value, position_less,
      [](const StoredEntry& other) -> const wire::StoredDataValue& { return other.data.value; });
  return *entries.insert(at, std::move(entry));
}

std::optional<std::uint32_t> KindRecord::end_of_array() const {
  if (entries.empty()) return 0;
  const auto highest = std::get<wire::ArrayEntry>(entries.back().data.value.entry).index;
  if (highest >= wire::ArrayEntry::append - 1) return std::nullopt;
  return highest + 1;
}

WallTime KindRecord::first_expiry() const {
  WallTime first = WallTime::max();
  for (const auto& entry : entries)
    first = std::min(first, entry.expires);
  return first;
}

bool KindRecord::any_exists(WallTime now) const {
  return std::ranges::any_of(
      entries, [&](const StoredEntry& entry) { return entry.expires > now && entry.exists(); });
}

}  // namespace carillon::storage
