#include "usage/credentials/sealed_credential.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::usage {

namespace {

/// What the box is bound to: its purpose, and whose it is.
Bytes associated_data(std::string_view aor) {
  Bytes data = to_bytes(as_bytes("carillon credential of "));
  append(data, as_bytes(aor));
  return data;
}

template <typename Digest>
Digest read_digest(Reader& reader, const char* field) {
  Digest digest{};
  std::ranges::copy(reader.bytes(digest.size(), field), digest.begin());
  return digest;
}

}  // namespace

Result<Bytes> seal_credential(const security::OperatorKey& key, Random& random,
                              std::string_view aor, const sip::Credential& credential) {
  Writer writer;
  writer.u8(credential_version);
  writer.bytes(credential.ha1_sha256);
  writer.bytes(credential.ha1_md5);
  writer.bytes(credential.ha1_sha256_with_domain);
  writer.bytes(credential.ha1_md5_with_domain);
  writer.bytes(credential.ha1_sha512_256);
  writer.bytes(credential.ha1_sha512_256_with_domain);
  return security::seal(key, random, writer.view(), associated_data(aor));
}

Result<sip::Credential> open_credential(const security::OperatorKey& key, std::string_view aor,
                                        ByteView sealed) {
  auto opened = security::open_sealed(key, sealed, associated_data(aor));
  if (!opened) return std::unexpected(opened.error());
  Reader reader{*opened};
  const auto version = reader.u8("version");
  if (version < 1 || version > credential_version) reader.reject("version", "is not one we know");
  sip::Credential credential;
  credential.ha1_sha256 = read_digest<Sha256Digest>(reader, "ha1-sha256");
  credential.ha1_md5 = read_digest<Md5Digest>(reader, "ha1-md5");
  credential.ha1_sha256_with_domain = read_digest<Sha256Digest>(reader, "ha1-sha256-with-domain");
  credential.ha1_md5_with_domain = read_digest<Md5Digest>(reader, "ha1-md5-with-domain");
  if (version >= 2) {
    credential.ha1_sha512_256 = read_digest<Sha256Digest>(reader, "ha1-sha512-256");
    credential.ha1_sha512_256_with_domain =
        read_digest<Sha256Digest>(reader, "ha1-sha512-256-with-domain");
  }
  reader.expect_end("credential");
  if (reader.failed()) {
    return fail(ErrorCode::corrupt, "credential", reader.error().message());
  }
  return credential;
}

}  // namespace carillon::usage
