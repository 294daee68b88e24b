#include "security/signature_input.hpp"

#include "wire/codec.hpp"

namespace carillon::security {

Bytes message_signature_input(wire::OverlayHash overlay, wire::TransactionId transaction,
                              ByteView contents, const wire::SignerIdentity& identity) {
  Writer writer;
  writer.u32(static_cast<std::uint32_t>(overlay));
  writer.u64(static_cast<std::uint64_t>(transaction));
  writer.bytes(contents);
  identity.encode(writer);
  return std::move(writer).take();
}

Bytes value_signature_input(const ResourceId& resource, KindId kind, std::uint64_t storage_time,
                            const wire::StoredDataValue& value,
                            const wire::SignerIdentity& identity) {
  Writer writer;
  wire::write_resource_id(writer, resource);
  wire::write_kind_id(writer, kind);
  writer.u64(storage_time);
  value.encode_for_signature(writer);
  identity.encode(writer);
  return std::move(writer).take();
}

Bytes document_signature_input(ByteView blob, const wire::SignerIdentity& identity) {
  Writer writer;
  writer.bytes(blob);
  identity.encode(writer);
  return std::move(writer).take();
}

}  // namespace carillon::security
