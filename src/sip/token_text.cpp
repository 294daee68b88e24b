#include "sip/token_text.hpp"

#include <algorithm>

#include "base/base64.hpp"

namespace carillon::sip {

std::string token_text(ByteView octets) {
  auto text = to_base64(octets);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (!text.empty() && text.back() == '=')
    text.pop_back();
  return text;
}

Result<Bytes> token_octets(std::string_view token) {
  std::string text{token};
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0)
    text += '=';
  return from_base64(text);
}

}  // namespace carillon::sip
