#include "storage/certificate_table.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"
#include "storage/keys.hpp"

namespace carillon::storage {

namespace {

Result<std::optional<CertificateRecord>> load(StorageBackend& backend, const Sha256Digest& digest) {
  const auto found = backend.get(keys::certificate(digest));
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return CertificateRecord::decode(**found);
}

}  // namespace

Result<CertificateRecord> CertificateRecord::decode(ByteView octets) {
  Reader reader{octets};
  const std::uint32_t sum = reader.u32("crc32");
  if (!reader.failed() && sum != crc32(octets.subspan(crc32_size))) {
    return fail(ErrorCode::corrupt, "stored certificate", "checksum does not match");
  }
  CertificateRecord record;
  record.references = reader.u32("references");
  record.issuers.resize(reader.u8("count"));
  for (auto& issuer : record.issuers) {
    const ByteView octets_of_digest = reader.bytes(issuer.size(), "digest");
    std::ranges::copy(octets_of_digest, issuer.begin());
  }
  record.der = to_bytes(reader.rest());
  if (reader.failed()) {
    return fail(ErrorCode::corrupt, "stored certificate", reader.error().message());
  }
  return record;
}

Bytes CertificateRecord::encode() const {
  Writer writer;
  writer.u32(0);
  writer.u32(references);
  writer.u8(static_cast<std::uint8_t>(issuers.size()));
  for (const auto& issuer : issuers)
    writer.bytes(issuer);
  writer.bytes(der);
  writer.patch(0, crc32(writer.view().subspan(crc32_size)), crc32_size);
  return std::move(writer).take();
}

void CertificateChanges::add(const security::VerifiedChain& chain) {
  const auto& digest = chain.certificate->digest();
  ++differences_[digest];
  if (const auto known = new_.find(digest); known != new_.end() && !known->second.issuers.empty()) {
    return;
  }
  New& made = new_[digest];
  made.der = chain.certificate->der();
  for (const auto& issuer : chain.intermediates) {
    made.issuers.push_back(issuer->digest());
    new_[issuer->digest()].der = issuer->der();
  }
}

Result<void> CertificateChanges::write(StorageBackend& backend, WriteBatch& batch) {
  for (const auto& [digest, difference] : differences_) {
    if (difference == 0) continue;
    if (auto adjusted = adjust(backend, digest, difference); !adjusted) return adjusted;
  }
  for (const auto& [digest, loaded] : loaded_) {
    if (loaded.record.references == loaded.references_before) continue;
    if (loaded.record.references == 0) {
      batch.erase(keys::certificate(digest));
    } else {
      batch.put(keys::certificate(digest), loaded.record.encode());
    }
  }
  return {};
}

Result<void> CertificateChanges::adjust(StorageBackend& backend, const Sha256Digest& digest,
                                        std::int64_t difference) {
  auto at = loaded_.find(digest);
  if (at == loaded_.end()) {
    auto found = load(backend, digest);
    if (!found) return std::unexpected(found.error());
    const auto references = *found ? (*found)->references : 0;
    at = loaded_.emplace(digest, Loaded{found->value_or(CertificateRecord{}), references}).first;
  }
  CertificateRecord& record = at->second.record;
  const bool was_there = record.references > 0;
  record.references = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(std::int64_t{record.references} + difference, 0, UINT32_MAX));
  const bool is_there = record.references > 0;
  if (was_there == is_there) return {};
  if (const auto made = new_.find(digest); is_there && made != new_.end()) {
    record.der = made->second.der;
    record.issuers = made->second.issuers;
  }
  const std::vector<Sha256Digest> issuers = record.issuers;
  for (const auto& issuer : issuers) {
    if (auto adjusted = adjust(backend, issuer, is_there ? 1 : -1); !adjusted) return adjusted;
  }
  return {};
}

Result<void> CertificateCollector::add(const Sha256Digest& digest) {
  if (seen_.contains(digest)) return {};
  std::vector<Sha256Digest> issuers;
  if (auto added = add_one(digest, &issuers); !added) return added;
  for (const auto& issuer : issuers) {
    if (seen_.contains(issuer)) continue;
    if (auto added = add_one(issuer, nullptr); !added) return added;
  }
  return {};
}

Result<void> CertificateCollector::add_one(const Sha256Digest& digest,
                                           std::vector<Sha256Digest>* issuers) {
  auto loaded = load(backend_, digest);
  if (!loaded) return std::unexpected(loaded.error());
  if (!*loaded) return fail(ErrorCode::corrupt, "stored certificate", "is missing");
  seen_.emplace(digest, true);
  octets_ += (*loaded)->der.size();
  if (issuers != nullptr) *issuers = std::move((*loaded)->issuers);
  certificates_.push_back(std::move((*loaded)->der));
  return {};
}

}  // namespace carillon::storage
