#include "security/signing.hpp"

namespace carillon::security {
namespace {

Result<wire::Signature> make_signature(const Credential& credential, wire::SignerIdentity identity,
                                       ByteView input) {
  auto value = credential.signer->sign(input);
  if (!value) return std::unexpected(value.error());
  return wire::Signature{credential.algorithm(), std::move(identity), *std::move(value)};
}

}  // namespace

Result<wire::SecurityBlock> sign_message(const Credential& credential, wire::OverlayHash overlay,
                                         wire::TransactionId transaction, ByteView contents,
                                         CertificateBucket further) {
  auto identity = credential.signer_identity();
  const Bytes input = message_signature_input(overlay, transaction, contents, identity);
  auto signature = make_signature(credential, std::move(identity), input);
  if (!signature) return std::unexpected(signature.error());
  further.add(credential);
  return wire::SecurityBlock{further.to_wire(), *std::move(signature)};
}

Result<void> sign_value(const Credential& credential, const ResourceId& resource, KindId kind,
                        wire::StoredData& data) {
  auto identity = credential.signer_identity();
  const Bytes input =
      value_signature_input(resource, kind, data.storage_time, data.value, identity);
  auto signature = make_signature(credential, std::move(identity), input);
  if (!signature) return std::unexpected(signature.error());
  data.signature = *std::move(signature);
  return {};
}

Result<wire::SecurityBlock> sign_document(const Credential& credential, ByteView blob) {
  auto identity = credential.signer_identity();
  const Bytes input = document_signature_input(blob, identity);
  auto signature = make_signature(credential, std::move(identity), input);
  if (!signature) return std::unexpected(signature.error());
  CertificateBucket bucket;
  bucket.add(credential);
  return wire::SecurityBlock{bucket.to_wire(), *std::move(signature)};
}

bool is_unsigned_nonexistent(const wire::StoredData& data) {
  return !data.unknown && !data.value.data_value().exists && data.signature.is_empty();
}

}  // namespace carillon::security
