#include "sip/plain_syntax.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace carillon::sip {

bool is_plain_word(std::string_view text) {
  return is_token(text) && text.find('%') == std::string_view::npos;
}

std::optional<HostPort> plain_host_port(std::string_view text) {
  const auto colon = text.find(':');
  HostPort out{lower_case(text.substr(0, colon)), 0};
  if (is_ipv6(out.host) || !is_host(out.host)) return std::nullopt;
  if (colon == std::string_view::npos) return out;
  const auto digits = text.substr(colon + 1);
  const auto port = decimal(digits, 65535);
  if (!port || *port == 0 || digits.size() > 5) return std::nullopt;
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

std::optional<Params> plain_params(std::string_view text) {
  Params out;
  out.reserve(static_cast<std::size_t>(std::ranges::count(text, ';')));
  while (!text.empty()) {
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    const auto item = text.substr(0, text.find(';'));
    text.remove_prefix(item.size());
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    if (!is_plain_word(name)) return std::nullopt;
    auto& param = out.emplace_back(Param{std::string{name}, std::nullopt});
    if (equals == std::string_view::npos) continue;
    const auto value = item.substr(equals + 1);
    if (!is_plain_word(value)) return std::nullopt;
    param.value.emplace(value);
  }
  return out;
}

}  // namespace carillon::sip
