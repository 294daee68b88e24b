#include "security/reload_uri.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace carillon::security {
namespace {

constexpr std::string_view scheme = "reload://";
// A Destination of type node_id: type 1, length 16 (RFC 6940, 6.3.2.2).
constexpr std::string_view node_destination = "0110";
constexpr std::size_t node_digits = 2 * NodeId::size;
constexpr std::size_t max_overlay_name = 255;

std::unexpected<Error> bad_uri(std::string detail) {
  return fail(ErrorCode::bad_certificate, "reload URI", std::move(detail));
}

/// reg-name of RFC 3986, as far as DNS and overlay names use it.
bool is_name_character(char c) {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~%!$&'()*+,;=").find(c) != std::string_view::npos;
}

}  // namespace

Result<ReloadUri> ReloadUri::parse(std::string_view text) {
  if (text.size() < scheme.size() ||
      !std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, lower)) {
    return bad_uri("another scheme than reload");
  }
  text.remove_prefix(scheme.size());
  const auto at = text.find('@');
  if (at == std::string_view::npos) return bad_uri("no @ after the destination");
  const std::string_view destination = text.substr(0, at);
  if (destination.size() != node_destination.size() + node_digits ||
      !destination.starts_with(node_destination)) {
    return bad_uri("the destination must be one node_id of 16 octets");
  }
  auto id = NodeId::from_hex(destination.substr(node_destination.size()));
  if (!id) return bad_uri("the destination is not hexadecimal");
  if (id->is_zero() || id->is_wildcard()) return bad_uri("a reserved Node-ID");
  std::string_view overlay = text.substr(at + 1);
  if (!overlay.ends_with('/')) return bad_uri("must end with a slash after the overlay's name");
  overlay.remove_suffix(1);
  if (overlay.empty() || overlay.size() > max_overlay_name ||
      !std::ranges::all_of(overlay, is_name_character)) {
    return bad_uri("not an overlay's name");
  }
  return ReloadUri{*id, std::string(overlay)};
}

std::string ReloadUri::to_string() const {
  std::string out(scheme);
  out += node_destination;
  out += node_id.to_hex();
  out += '@';
  out += overlay_name;
  out += '/';
  return out;
}

}  // namespace carillon::security
