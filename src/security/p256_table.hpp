#pragma once

#include <memory>

#include "base/bytes.hpp"
#include "base/hash.hpp"

struct evp_pkey_st;

namespace carillon::security {

/// Verifies the signatures of one P-256 key in half the time (FIPS 186-5, 6.4.2). OpenSSL
/// multiplies the curve's generator fast, because it has a table of its multiples, and a key's
/// point slowly. The users of a registrar all have one key, so a table for that point, too, pays:
/// 21 ms to make, about 31 µs in place of 64 for each signature (docs/decisions/0020).
class P256Table {
 public:
  /// 150 kB each.
  static constexpr int max_tables = 64;
  /// Signatures of a key before it gets a table: so many cost about as much as the table.
  static constexpr unsigned worth_making = 512;

  /// Null if there are enough already, or if this OpenSSL makes no tables.
  [[nodiscard]] static std::unique_ptr<P256Table> make(evp_pkey_st* key);
  ~P256Table();
  P256Table(const P256Table&) = delete;
  P256Table& operator=(const P256Table&) = delete;

  /// `signature`: a DER ECDSA-Sig-Value.
  [[nodiscard]] bool verify(const Sha256Digest& digest, ByteView signature) const;

 private:
  struct Curve;
  explicit P256Table(std::unique_ptr<Curve> curve);

  std::unique_ptr<Curve> curve_;
};

}  // namespace carillon::security
