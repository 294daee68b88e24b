#pragma once

#include <map>
#include <vector>

#include "base/hash.hpp"
#include "security/chain_verifier.hpp"
#include "storage/storage_backend.hpp"

namespace carillon::storage {

/// A certificate as it is kept: once, however many values need it (RFC 6940, 6.3.4: certificates
/// of stored values have to be retained with them). As octets:
///
///   certificate := crc32(4) over the rest, references(4) count(1) digest(32)*count der
///
/// The digests name the certificates between this one and the root, in order. `references`
/// counts the values that it signed and the certificates that name it.
struct CertificateRecord {
  std::uint32_t references{};
  std::vector<Sha256Digest> issuers{};
  Bytes der{};

  [[nodiscard]] static Result<CertificateRecord> decode(ByteView octets);
  [[nodiscard]] Bytes encode() const;
};

/// What one batch of writes changes in the certificate table: values that came and went are
/// counted up and down first, so that a value replaced by the same signer writes nothing here.
class CertificateChanges {
 public:
  void add(const security::VerifiedChain& chain);
  void remove(const Sha256Digest& digest) { --differences_[digest]; }

  /// Adds the writes to `batch`. `corrupt` if the table is damaged.
  [[nodiscard]] Result<void> write(StorageBackend& backend, WriteBatch& batch);

 private:
  struct New {
    Bytes der{};
    std::vector<Sha256Digest> issuers{};
  };
  struct Loaded {
    CertificateRecord record{};
    std::uint32_t references_before{};
  };
  /// Counts a certificate up or down, and its issuers when it comes or goes.
  [[nodiscard]] Result<void> adjust(StorageBackend& backend, const Sha256Digest& digest,
                                    std::int64_t difference);

  std::map<Sha256Digest, std::int64_t> differences_;
  std::map<Sha256Digest, New> new_;
  std::map<Sha256Digest, Loaded> loaded_;
};

/// Collects the certificates that some values need, each once.
class CertificateCollector {
 public:
  explicit CertificateCollector(StorageBackend& backend) : backend_(backend) {}

  /// Adds the certificate and what lies between it and the root. `corrupt` if one is not there.
  [[nodiscard]] Result<void> add(const Sha256Digest& digest);
  /// DER; each certificate before its issuers.
  [[nodiscard]] std::vector<Bytes> take() && { return std::move(certificates_); }
  [[nodiscard]] std::size_t size_octets() const { return octets_; }

 private:
  [[nodiscard]] Result<void> add_one(const Sha256Digest& digest,
                                     std::vector<Sha256Digest>* issuers);

  StorageBackend& backend_;
  std::vector<Bytes> certificates_;
  std::map<Sha256Digest, bool> seen_;
  std::size_t octets_{0};
};

}  // namespace carillon::storage
