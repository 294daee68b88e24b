#include "sip/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace carillon::sip {

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return a == b || std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t maximum) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (digit > maximum || value > (maximum - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

namespace {

/// Where the item at the start of `rest` ends.
std::size_t item_end(std::string_view rest, char separator) {
  const auto first = rest.substr(0, rest.find(separator));
  if (first.find('"') == std::string_view::npos && first.find('<') == std::string_view::npos) {
    return first.size();
  }
  bool quoted = false;
  bool bracketed = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"' && !bracketed) {
      quoted = true;
    } else if (c == '<') {
      bracketed = true;
    } else if (c == '>') {
      bracketed = false;
    } else if (c == separator && !bracketed) {
      break;
    }
  }
  return std::min(at, rest.size());
}

}  // namespace

std::string_view next_item(std::string_view& rest, char separator) {
  const auto at = item_end(rest, separator);
  const auto item = trim(rest.substr(0, at));
  rest.remove_prefix(at < rest.size() ? at + 1 : at);
  return item;
}

namespace {

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && octet != '\t') || octet == 0x7f;
}

/// Eight octets at a time: false if there is surely none. Every header of every message is looked
/// at, and nearly none has one.
bool may_have_control(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t tops = 0x8080808080808080U;
  std::uint64_t found = 0;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    const std::uint64_t deletes = word ^ (0x7f * ones);
    // The top bit of an octet is set if it is below 0x20, or if it is 0x7f; sometimes falsely.
    found |= ((word - 0x20 * ones) & ~word) | ((deletes - ones) & ~deletes);
  }
  return (found & tops) != 0 || std::ranges::any_of(text, is_control);
}

}  // namespace

bool has_control_character(std::string_view text) {
  return may_have_control(text) && std::ranges::any_of(text, is_control);
}

bool has_stray_control_character(std::string_view text) {
  if (!may_have_control(text)) return false;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text[i])) return true;
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\r' &&
        text[i + 1] != '\n') {
      ++i;
    }
  }
  return false;
}

std::string percent_escaped(std::string_view text, std::string_view marks) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || marks.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.append({'%', digits[octet >> 4U], digits[octet & 15U]});
  }
  return out;
}

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string{text};
  text = text.substr(1, text.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out.push_back(text[i]);
  }
  return out;
}

namespace {

constexpr std::array<bool, 256> token_octets = [] {
  std::array<bool, 256> out{};
  for (std::size_t octet = 0; octet < 128; ++octet) {
    const auto c = static_cast<char>(octet);
    out[octet] =
        is_alphanumeric(c) || std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos;
  }
  return out;
}();

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return token_octets[static_cast<unsigned char>(c)];
  });
}

}  // namespace carillon::sip
