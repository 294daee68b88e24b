#pragma once

#include <cstddef>

#include "security/certificate_cache.hpp"
#include "security/chain_verifier.hpp"

namespace carillon::security {

/// Certificates that were parsed, and chains that were found good under some anchors. A peer has
/// its own; many peers of one overlay in one process (sim/) may share one, so that each
/// certificate is there once and is verified once.
struct TrustCache {
  explicit TrustCache(TrustAnchors anchors,
                      std::size_t max_certificates = CertificateCache::default_capacity,
                      std::size_t max_chains = ChainVerifier::cache_capacity)
      : certificates(max_certificates), chains(std::move(anchors), max_chains) {}

  CertificateCache certificates;
  ChainVerifier chains;
};

}  // namespace carillon::security
