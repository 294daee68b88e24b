#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "storage/signer.hpp"
#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/stat.hpp"
#include "wire/store.hpp"

namespace carillon::storage {

/// Why a request was refused, and what the RFC wants in error_info (7.4.1.2): a StoreAns with
/// the counters for `generation_counter_too_low`, the unknown Kinds for `unknown_kind`, otherwise
/// nothing (send the error's own text).
struct Rejection {
  Error error{};
  Bytes error_info{};
};

template <typename T>
using Answer = std::expected<T, Rejection>;

[[nodiscard]] inline std::unexpected<Rejection> reject(Error error, Bytes error_info = {}) {
  return std::unexpected(Rejection{std::move(error), std::move(error_info)});
}

/// With what a Store is judged.
struct StoreContext {
  Now now{};
  ValueVerifier& verifier;
  /// Who signed the StoreReq message. Looked at for originals only (7.3).
  Signer request_signer{};
};

struct StoreOutcome {
  wire::StoreAns answer{};  ///< The counters; the peer fills in the replicas.
  /// The request as it was applied, ready to become a replica's: current counters, the indices
  /// that appended values got, lifetimes as granted.
  wire::StoreReq applied{};
  bool changed{};  ///< False: all was stored already (a retransmission, a replica's copy).
};

/// Values, and the DER certificates that whoever gets them needs to verify them, each once.
template <typename T>
struct WithCertificates {
  T content{};
  std::vector<Bytes> certificates{};
};
using FetchOutcome = WithCertificates<wire::FetchAns>;

/// All that is stored at a resource, in the form of a replica Store: lifetimes are what remains,
/// counters are current, replica_number is 1.
using StoredResource = WithCertificates<wire::StoreReq>;

/// One page of a walk through a ring interval.
struct ResourcePage {
  std::vector<StoredResource> resources{};
  std::optional<ResourceId> next{};  ///< Where the next page starts; nothing: this was the last.
};

/// What two peers compare to find out where their copies differ.
struct ResourceDigest {
  ResourceId resource{};
  Sha256Digest digest{};  ///< Over Kinds, positions, storage times and signatures.
  friend bool operator==(const ResourceDigest&, const ResourceDigest&) = default;
};
struct DigestPage {
  std::vector<ResourceDigest> resources{};
  std::optional<ResourceId> next{};
};

struct MergeReport {
  std::size_t taken{};       ///< Values that were newer than ours.
  std::size_t ours_newer{};  ///< Values that we hold in a newer form: tell the other side.
};

}  // namespace carillon::storage
