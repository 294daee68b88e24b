#include "security/certificate_parts.hpp"

#include <algorithm>

#include "base/writer.hpp"
#include "security/openssl.hpp"

namespace carillon::security {
namespace {

// DER's tags (X.690) that a certificate's outermost structure uses.
enum Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_identifier = 0x06,
  sequence = 0x30,
  version_field = 0xA0,
  issuer_unique_id = 0x81,
  subject_unique_id = 0x82,
  extensions_field = 0xA3,
};

/// Reads tag-length-value triples; strict, as DER is.
class DerReader {
 public:
  explicit DerReader(ByteView input) : input_(input), reader_(input) {}

  struct Element {
    ByteView whole{};
    ByteView content{};
  };

  Element read(Tag tag, const char* field) {
    const std::size_t begin = reader_.offset();
    if (reader_.u8(field) != tag) reader_.reject(field, "another tag than expected");
    const ByteView content = reader_.bytes(read_length(field), field);
    if (reader_.failed()) return {};
    return {input_.subspan(begin, reader_.offset() - begin), content};
  }
  [[nodiscard]] bool next_is(Tag tag) const {
    return !reader_.at_end() && input_[reader_.offset()] == tag;
  }
  void reject(const char* field, std::string detail) { reader_.reject(field, std::move(detail)); }

  /// Nothing if all was there and nothing is left.
  [[nodiscard]] Result<void> finish(const char* structure) {
    reader_.expect_end(structure);
    if (!reader_.failed()) return {};
    return fail(ErrorCode::bad_certificate, reader_.error().where, reader_.error().detail,
                reader_.error().offset);
  }
  [[nodiscard]] bool at_end() const { return reader_.at_end(); }

 private:
  std::size_t read_length(const char* field) {
    const std::uint8_t first = reader_.u8(field);
    if (first < 0x80) return first;
    std::size_t length = 0;
    if (first == 0x81) {
      length = reader_.u8(field);
      if (length < 0x80) reader_.reject(field, "a length longer than it need be");
    } else if (first == 0x82) {
      length = reader_.u16(field);
      if (length < 0x100) reader_.reject(field, "a length longer than it need be");
    } else {
      reader_.reject(field, "an indefinite or excessive length");
    }
    return length;
  }

  ByteView input_;
  Reader reader_;
};

Result<ExtensionPart> read_extension(ByteView content) {
  ExtensionPart part;
  DerReader reader(content);
  part.oid = reader.read(object_identifier, "extnID").content;
  if (reader.next_is(boolean)) {
    const ByteView critical = reader.read(boolean, "critical").content;
    // FALSE is the default, which DER leaves out.
    if (critical.size() != 1 || critical[0] != 0xFF) reader.reject("critical", "not TRUE");
    part.critical = true;
  }
  part.value = reader.read(octet_string, "extnValue").content;
  if (auto good = reader.finish("Extension"); !good) return std::unexpected(good.error());
  return part;
}

Result<std::vector<ExtensionPart>> read_extensions(ByteView content) {
  std::vector<ExtensionPart> list;
  DerReader reader(content);
  while (!reader.at_end() && list.size() < CertificateParts::max_extensions) {
    const auto part = read_extension(reader.read(sequence, "Extension").content);
    if (!part) return std::unexpected(part.error());
    const auto same = [&](const ExtensionPart& other) {
      return std::ranges::equal(other.oid, part->oid);
    };
    if (std::ranges::any_of(list, same)) {
      return fail(ErrorCode::bad_certificate, "Extension", "there twice");
    }
    list.push_back(*part);
  }
  if (auto good = reader.finish("Extensions"); !good) return std::unexpected(good.error());
  return list;
}

Result<void> read_tbs(CertificateParts& parts, ByteView content) {
  DerReader reader(content);
  const ByteView version = reader.read(version_field, "version").content;
  constexpr std::uint8_t version_3[] = {0x02, 0x01, 0x02};
  if (!std::ranges::equal(version, version_3)) reader.reject("version", "not version 3");
  parts.serial = reader.read(integer, "serialNumber").whole;
  const ByteView algorithm = reader.read(sequence, "signature").whole;
  parts.issuer = reader.read(sequence, "issuer").whole;
  parts.validity = reader.read(sequence, "validity").whole;
  parts.subject = reader.read(sequence, "subject").whole;
  parts.public_key = reader.read(sequence, "subjectPublicKeyInfo").whole;
  for (const Tag unique_id : {issuer_unique_id, subject_unique_id}) {
    if (reader.next_is(unique_id)) reader.reject("uniqueID", "RFC 5280 has no use for it");
  }
  ByteView extensions;
  if (reader.next_is(extensions_field))
    extensions = reader.read(extensions_field, "extensions").content;
  if (auto good = reader.finish("TBSCertificate"); !good) return good;
  if (!std::ranges::equal(algorithm, parts.algorithm)) {
    return fail(ErrorCode::bad_certificate, "signature", "two signature algorithms");
  }
  if (extensions.empty()) return {};
  DerReader outer(extensions);
  auto list = read_extensions(outer.read(sequence, "Extensions").content);
  if (auto good = outer.finish("Extensions"); !good) return good;
  if (!list) return std::unexpected(list.error());
  parts.extensions = *std::move(list);
  return {};
}

}  // namespace

Result<CertificateParts> CertificateParts::split(ByteView der) {
  CertificateParts parts;
  DerReader outer(der);
  const ByteView content = outer.read(sequence, "Certificate").content;
  if (auto good = outer.finish("Certificate"); !good) return std::unexpected(good.error());
  DerReader reader(content);
  const auto tbs = reader.read(sequence, "tbsCertificate");
  parts.tbs = tbs.whole;
  parts.algorithm = reader.read(sequence, "signatureAlgorithm").whole;
  const ByteView bits = reader.read(bit_string, "signatureValue").content;
  if (bits.empty() || bits[0] != 0) reader.reject("signatureValue", "not whole octets");
  if (auto good = reader.finish("Certificate"); !good) return std::unexpected(good.error());
  parts.signature = bits.subspan(1);
  if (auto good = read_tbs(parts, tbs.content); !good) return std::unexpected(good.error());
  return parts;
}

const ExtensionPart* CertificateParts::extension(int nid) const {
  const ASN1_OBJECT* object = OBJ_nid2obj(nid);
  const ByteView oid{OBJ_get0_data(object), OBJ_length(object)};
  const auto found = std::ranges::find_if(
      extensions, [&](const ExtensionPart& part) { return std::ranges::equal(part.oid, oid); });
  return found != extensions.end() ? &*found : nullptr;
}

Sha256Digest CertificateParts::frame_digest() const {
  Writer writer;
  writer.opaque16(algorithm);
  writer.opaque16(issuer);
  writer.opaque16(subject);
  writer.opaque16(public_key);
  const ExtensionPart* names = extension(NID_subject_alt_name);
  for (const auto& part : extensions) {
    writer.opaque16(part.oid);
    writer.u8(part.critical ? 1 : 0);
    writer.opaque16(&part == names ? ByteView{} : part.value);
  }
  return sha256(writer.view());
}

}  // namespace carillon::security
