#pragma once

#include "wire/identifiers.hpp"
#include "wire/signer_identity.hpp"
#include "wire/stored_data.hpp"

// The exact octets that are signed, each in one place.
namespace carillon::security {

/// RFC 6940, 6.3.4: overlay || transaction_id || MessageContents || SignerIdentity.
/// `contents` as they travel; the SignerIdentity with its type and length.
[[nodiscard]] Bytes message_signature_input(wire::OverlayHash overlay,
                                            wire::TransactionId transaction, ByteView contents,
                                            const wire::SignerIdentity& identity);

/// RFC 6940, 7.1: resource_id || kind || storage_time || StoredDataValue || SignerIdentity.
/// The Resource-ID keeps its length octet, since 6.3.4 names the one case where framing is
/// stripped, and this is not it. The lifetime is not covered; an array index counts as zero.
[[nodiscard]] Bytes value_signature_input(const ResourceId& resource, KindId kind,
                                          std::uint64_t storage_time,
                                          const wire::StoredDataValue& value,
                                          const wire::SignerIdentity& identity);

/// RFC 6940, 11.1: the octets from `<configuration` to `</configuration>` (or of a kind element),
/// then the SignerIdentity, by analogy with the two above.
[[nodiscard]] Bytes document_signature_input(ByteView blob, const wire::SignerIdentity& identity);

}  // namespace carillon::security
