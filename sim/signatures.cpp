#include "sim/signatures.hpp"

#include <array>
#include <cstring>

#include "sim/checksum.hpp"

namespace carillon::sim {
namespace {

constexpr std::size_t signature_size = 16;

Bytes tag(ByteView input, std::uint64_t secret) {
  const std::array<std::uint64_t, 2> words{checksum(input, secret), checksum(input, ~secret)};
  Bytes out(signature_size);
  std::memcpy(out.data(), words.data(), out.size());
  return out;
}

class FreeSigner final : public security::Signer {
 public:
  FreeSigner(security::KeyType type, std::uint64_t secret) : type_(type), secret_(secret) {}
  [[nodiscard]] security::KeyType type() const override { return type_; }
  [[nodiscard]] Result<Bytes> sign(ByteView input) override { return tag(input, secret_); }

 private:
  security::KeyType type_;
  std::uint64_t secret_;
};

}  // namespace

std::shared_ptr<security::Signer> FreeSignatures::signer(const security::PublicKey& key) {
  const Sha256Digest digest = sha256(key.to_der());
  std::uint64_t secret = 0;
  std::memcpy(&secret, digest.data(), sizeof secret);
  secret = SmallRandom::mix(secret) | 1U;
  secrets_.emplace(digest, secret);
  return std::make_shared<FreeSigner>(key.type(), secret);
}

bool FreeSignatures::verify(const security::PublicKey& key, ByteView input, ByteView signature) {
  auto known = known_.find(key.native());
  if (known == known_.end()) {
    const auto found = secrets_.find(sha256(key.to_der()));
    const std::uint64_t secret = found == secrets_.end() ? 0 : found->second;
    known = known_.emplace(key.native(), Known{key, secret}).first;
  }
  if (known->second.secret == 0 || signature.size() != signature_size) return false;
  const Bytes right = tag(input, known->second.secret);
  return std::memcmp(right.data(), signature.data(), signature_size) == 0;
}

}  // namespace carillon::sim
