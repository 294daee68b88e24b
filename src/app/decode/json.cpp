#include "app/decode/json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace carillon::app {
namespace {

bool is_valid_utf8(std::string_view octets) {
  // The library refuses invalid UTF-8 when it writes: asked to, it replaces it instead.
  const Json string = std::string{octets};
  return string.dump(-1, ' ', false, Json::error_handler_t::replace).find("\xef\xbf\xbd") ==
         std::string::npos;
}

}  // namespace

Json hex(ByteView octets) {
  return to_hex(octets);
}

Json text(ByteView octets) {
  const std::string_view characters = as_text(octets);
  const bool has_nul = characters.find('\0') != std::string_view::npos;
  if (has_nul || !is_valid_utf8(characters)) return {{"hex", to_hex(octets)}};
  return std::string{characters};
}

Json identifier(std::uint64_t value, int digits) {
  return fmt::format("0x{:0{}x}", value, digits);
}

Json name_or_number(std::string_view name, std::uint64_t number) {
  if (name.empty()) return number;
  return std::string{name};
}

Json kind_name(KindId kind) {
  switch (kind) {
    case KindId::sip_registration:
      return "SIP-REGISTRATION";
    case KindId::turn_service:
      return "TURN-SERVICE";
    case KindId::certificate_by_node:
      return "CERTIFICATE_BY_NODE";
    case KindId::certificate_by_user:
      return "CERTIFICATE_BY_USER";
    case KindId::carillon_contacts:
      return "carillon_contacts";
    case KindId::carillon_credential:
      return "carillon_credential";
    case KindId::carillon_enrollment:
      return "carillon_enrollment";
    case KindId::invalid:
      break;
  }
  return static_cast<std::uint32_t>(kind);
}

}  // namespace carillon::app
