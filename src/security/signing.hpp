#pragma once

#include "security/certificate_bucket.hpp"
#include "security/credential.hpp"
#include "security/signature_input.hpp"
#include "wire/security_block.hpp"
#include "wire/stored_data.hpp"

namespace carillon::security {

/// The SecurityBlock of a message (RFC 6940, 6.3.4), signed by `credential`. `further` holds the
/// certificates that the values in the message need; the signer's own are added.
/// `io` if the library fails.
[[nodiscard]] Result<wire::SecurityBlock> sign_message(const Credential& credential,
                                                       wire::OverlayHash overlay,
                                                       wire::TransactionId transaction,
                                                       ByteView contents,
                                                       CertificateBucket further = {});

/// Signs a value (7.1): fills `data.signature` in from the rest. The certificates of `credential`
/// must travel in the SecurityBlock of each message that carries the value.
[[nodiscard]] Result<void> sign_value(const Credential& credential, const ResourceId& resource,
                                      KindId kind, wire::StoredData& data);

/// The SecurityBlock that stands in a configuration document (11.1), over the octets of a
/// configuration or kind element.
[[nodiscard]] Result<wire::SecurityBlock> sign_document(const Credential& credential,
                                                        ByteView blob);

/// A value that an answer to a Fetch made up because there is none, and that nobody signed
/// (7.4.2.2): says that it does not exist and has the empty signature.
[[nodiscard]] bool is_unsigned_nonexistent(const wire::StoredData& data);

}  // namespace carillon::security
