#include "sip/sealer.hpp"

#include <string>

#include "base/constant_time.hpp"
#include "base/writer.hpp"

namespace carillon::sip {
namespace {

Bytes key_for(const HmacSha256& root, std::string_view purpose, std::string_view what) {
  const auto key = root(as_bytes(std::string{purpose}.append(", ").append(what)));
  return {key.begin(), key.end()};
}

}  // namespace

Sealer::Sealer(const HmacSha256& root, std::string_view purpose)
    : authentication_(key_for(root, purpose, "authentication")),
      encryption_(key_for(root, purpose, "encryption")) {}

Bytes Sealer::mac(std::string_view scope, ByteView plain) const {
  Writer writer;
  writer.opaque16(as_bytes(scope));
  writer.bytes(plain);
  const auto whole = authentication_(writer.view());
  return {whole.begin(), whole.begin() + iv_size};
}

Bytes Sealer::crypt(ByteView iv, ByteView octets) const {
  Bytes out{octets.begin(), octets.end()};
  for (std::size_t start = 0; start < out.size(); start += sizeof(Sha256Digest)) {
    Writer writer;
    writer.bytes(iv);
    writer.u32(static_cast<std::uint32_t>(start));
    const auto stream = encryption_(writer.view());
    for (std::size_t i = 0; i < stream.size() && start + i < out.size(); ++i)
      out[start + i] ^= stream.at(i);
  }
  return out;
}

Bytes Sealer::seal(std::string_view scope, ByteView plain) const {
  const auto iv = mac(scope, plain);
  Writer out;
  out.bytes(iv);
  out.bytes(crypt(iv, plain));
  return std::move(out).take();
}

std::optional<Bytes> Sealer::open(std::string_view scope, ByteView sealed) const {
  if (sealed.size() < iv_size) return std::nullopt;
  const auto iv = sealed.first(iv_size);
  auto plain = crypt(iv, sealed.subspan(iv_size));
  if (!equal_in_constant_time(mac(scope, plain), iv)) return std::nullopt;
  return plain;
}

}  // namespace carillon::sip
