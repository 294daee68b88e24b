#include <algorithm>
#include <cctype>
#include <optional>

#include "app/failure.hpp"
#include "app/overlay_files.hpp"

namespace carillon::app {
namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_domain_octet(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
}

/// The domain that a pattern spells out; nothing if it stands for more than one.
std::optional<std::string> literal(const std::string& pattern) {
  std::string domain;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\';
    if (escaped && ++i == pattern.size()) return std::nullopt;
    if (!is_domain_octet(pattern[i]) || (pattern[i] == '.' && !escaped)) return std::nullopt;
    domain += pattern[i];
  }
  if (domain.empty()) return std::nullopt;
  return lower_case(domain);
}

}  // namespace

std::vector<std::string> sip_domains(const config::OverlayConfiguration& overlay) {
  std::vector<std::string> domains;
  const auto* kind = overlay.kind(KindId::sip_registration);
  if (kind != nullptr && kind->domain_restrictions && kind->domain_restrictions->enable) {
    for (const auto& pattern : kind->domain_restrictions->patterns) {
      if (auto domain = literal(pattern)) domains.push_back(std::move(*domain));
    }
  }
  if (domains.empty()) domains.push_back(lower_case(overlay.instance_name));
  return domains;
}

std::vector<std::string> domain_patterns(const std::vector<std::string>& domains) {
  std::vector<std::string> patterns;
  for (const auto& domain : domains) {
    if (domain.empty() || !std::ranges::all_of(domain, is_domain_octet)) {
      throw Failure("--domain: \"" + domain + "\" is not a domain name");
    }
    std::string pattern;
    for (const char c : lower_case(domain)) {
      if (c == '.') pattern += '\\';
      pattern += c;
    }
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

}  // namespace carillon::app
