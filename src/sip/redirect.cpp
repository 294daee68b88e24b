#include "sip/redirect.hpp"

#include <algorithm>

#include "sip/register_request.hpp"

namespace carillon::sip {
namespace {

/// What may stand in a URI's header values as it is (RFC 3261, 25.1: hnv-unreserved, unreserved).
bool is_plain(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view{"-_.!~*'()[]/:$"}.find(c) != std::string_view::npos;
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out.append("%").append(1, digits[octet >> 4]).append(1, digits[octet & 15]);
    }
  }
}

bool hangs_on_a_flow(const Target& target) {
  return target.on_flow || !target.peer_id.empty() ||
         std::ranges::any_of(target.alternates, hangs_on_a_flow);
}

void append_contacts(std::vector<std::string>& out, const Target& target) {
  std::string value = "<" + target.request_uri;
  for (std::size_t i = 0; i < target.routes.size(); ++i) {
    value += i == 0 ? "?Route=" : "%2C";
    append_escaped(value, target.routes[i]);
  }
  value += ">";
  if (target.q_thousandths < 1000) value.append(";q=").append(q_text(target.q_thousandths));
  out.push_back(std::move(value));
  for (const auto& alternate : target.alternates)
    append_contacts(out, alternate);
}

}  // namespace

std::vector<std::string> redirect_contacts(const std::deque<Target>& targets) {
  std::vector<std::string> out;
  if (std::ranges::any_of(targets, hangs_on_a_flow)) return out;
  for (const auto& target : targets)
    append_contacts(out, target);
  return out;
}

}  // namespace carillon::sip
