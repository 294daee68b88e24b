#include "sip/stun.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/checksum.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"
#include "sip/ip_octets.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t stun_header = 20;
constexpr std::uint32_t magic_number = 0x2112a442;
constexpr std::uint32_t fingerprint_mask = 0x5354554e;
constexpr std::size_t max_unknown_attributes = 4;

// Of a message (RFC 8489, 18.1) and of an attribute (18.3).
enum StunType : std::uint16_t {
  binding_request = 0x0001,
  binding_success = 0x0101,
  binding_error = 0x0111,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  xor_mapped_address = 0x0020,
  fingerprint = 0x8028,
};

/// Below this, an attribute must be understood (14).
constexpr std::uint16_t comprehension_optional = 0x8000;
/// Credentials of whoever thinks that we would want some; ICE's priority. They change nothing.
constexpr std::array<std::uint16_t, 8> ignored{0x0006, 0x0008, 0x0014, 0x0015,
                                               0x001c, 0x001d, 0x001e, 0x0024};

struct StunRequest {
  Bytes id;  ///< Cookie and transaction id.
  bool with_fingerprint{false};
  std::vector<std::uint16_t> unknown;
};

/// Nothing if it is not a sound Binding request.
std::optional<StunRequest> read_stun(ByteView datagram) {
  Reader reader{datagram};
  const auto type = reader.u16("type");
  const auto length = reader.u16("length");
  StunRequest request;
  request.id = to_bytes(reader.bytes(16, "id"));
  if (reader.failed() || type != binding_request || length != reader.remaining() ||
      length % 4 != 0 || Reader{request.id}.u32("cookie") != magic_number) {
    return std::nullopt;
  }
  while (!reader.at_end()) {
    if (request.with_fingerprint) return std::nullopt;  // It is the last one (14.7).
    const auto at = reader.offset();
    const auto attribute = reader.u16("attribute");
    const auto size = reader.u16("size");
    auto value = Reader{reader.bytes(std::size_t{(size + 3U) / 4} * 4, "value")};
    if (reader.failed()) return std::nullopt;
    if (attribute == fingerprint) {
      const auto right = crc32(datagram.first(at)) ^ fingerprint_mask;
      if (size != 4 || value.u32("crc") != right) return std::nullopt;
      request.with_fingerprint = true;
    } else if (attribute < comprehension_optional &&
               std::ranges::find(ignored, attribute) == ignored.end() &&
               request.unknown.size() < max_unknown_attributes) {
      request.unknown.push_back(attribute);
    }
  }
  return request;
}

void add_mapped_address(Writer& writer, const StunRequest& request, const HostPort& from) {
  const auto octets = ip_octets(from.host);
  writer.u16(xor_mapped_address);
  writer.u16(static_cast<std::uint16_t>(4 + octets.size()));
  writer.u16(octets.size() == 4 ? 1 : 2);
  writer.u16(from.port ^ static_cast<std::uint16_t>(magic_number >> 16U));
  for (std::size_t i = 0; i < octets.size(); ++i)
    writer.u8(octets[i] ^ request.id[i]);
}

/// 420 with what is not known (14.8, 14.13).
void add_error(Writer& writer, const std::vector<std::uint16_t>& unknown) {
  writer.u16(error_code);
  writer.u16(4);
  writer.u32(4U << 8U | 20U);
  writer.u16(unknown_attributes);
  writer.u16(static_cast<std::uint16_t>(2 * unknown.size()));
  for (const auto attribute : unknown)
    writer.u16(attribute);
  if (unknown.size() % 2 != 0) writer.u16(0);
}

}  // namespace

bool is_stun(ByteView datagram) {
  if (datagram.empty() || datagram.front() >= 0x40) return false;
  Reader reader{datagram};
  (void)reader.u32("type and length");
  return reader.u32("cookie") == magic_number && !reader.failed();
}

std::optional<std::string> answer_stun(ByteView datagram, const HostPort& from) {
  const auto request = read_stun(datagram);
  if (!request) return std::nullopt;
  Writer writer;
  writer.u16(request->unknown.empty() ? binding_success : binding_error);
  writer.u16(0);  // The length, once it is known.
  writer.bytes(request->id);
  if (request->unknown.empty()) {
    add_mapped_address(writer, *request, from);
  } else {
    add_error(writer, request->unknown);
  }
  // The length counts the fingerprint that is computed with it (14.7).
  const std::size_t trailer = request->with_fingerprint ? 8 : 0;
  writer.patch(2, writer.size() + trailer - stun_header, 2);
  if (request->with_fingerprint) {
    const auto crc = crc32(writer.view()) ^ fingerprint_mask;
    writer.u16(fingerprint);
    writer.u16(4);
    writer.u32(crc);
  }
  return std::string{as_text(writer.view())};
}

}  // namespace carillon::sip
