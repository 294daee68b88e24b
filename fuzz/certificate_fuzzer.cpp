// A certificate as another node sends it, and the validation of its path.
#include <algorithm>

#include "check.hpp"
#include "security/chain_verifier.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = security::Certificate::parse(ByteView{data, size});
  if (!certificate) return 0;
  check(std::ranges::equal((*certificate)->der(), ByteView{data, size}));
  const auto again = security::Certificate::parse_pem((*certificate)->to_pem());
  check(again && (*again)->digest() == (*certificate)->digest());
  // Both as its own root and as a node that signed itself: the two ways to a path without others.
  security::ChainVerifier verifier(
      {(*certificate)->overlay_name(), {*certificate}, {}, security::SelfSignedDigest::sha256});
  const auto chain =
      verifier.verify(*certificate, std::vector{*certificate}, (*certificate)->not_before());
  // A node that is its own trust anchor is good; nothing else can be.
  check(!chain || (!(*certificate)->is_ca() && !(*certificate)->node_ids().empty()));
  return 0;
}
