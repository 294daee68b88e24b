#include <algorithm>

#include <regex.h>

#include "config/configuration_reader.hpp"
#include "config/kind_definition.hpp"

namespace carillon::config {
namespace {

constexpr std::size_t max_patterns = 256;
constexpr std::size_t max_pattern_size = 256;
constexpr std::size_t max_domain_size = 255;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A compiled POSIX extended regular expression that must match the whole of a text.
class Pattern {
 public:
  // In parentheses, so that the anchors hold each alternative of "a|b".
  explicit Pattern(const std::string& text)
      : good_(regcomp(&expression_, ("^(" + text + ")$").c_str(),
                      REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0) {}
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (good_) regfree(&expression_);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool matches(const std::string& text) const {
    return good_ && regexec(&expression_, text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t expression_{};
  bool good_;
};

/// Most patterns are but a name with its dots escaped: then there is nothing to compile, which
/// matters at every Store.
std::optional<bool> matches_as_name(std::string_view pattern, std::string_view domain) {
  std::size_t at = 0;
  bool same = true;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped_dot = pattern.substr(i).starts_with("\\.");
    if (escaped_dot) ++i;
    const char c = lower(pattern[i]);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!plain && !escaped_dot) return std::nullopt;
    same = same && at < domain.size() && lower(domain[at]) == c;
    ++at;
  }
  return same && at == domain.size();
}

/// The expressions come from a signed document, yet a slip of the pen must not stop the peer: glibc
/// takes exponential space for nested bounds, and there is no need for bounds in domain names.
bool is_reasonable(std::string_view pattern) {
  return !pattern.empty() && pattern.size() <= max_pattern_size &&
         pattern.find_first_of("{}") == std::string_view::npos &&
         std::ranges::all_of(pattern, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

bool DomainRestrictions::allow(std::string_view domain, std::string_view overlay_name) const {
  if (domain.empty() || domain.size() > max_domain_size) return false;
  if (!enable) return std::ranges::equal(domain, overlay_name, {}, lower, lower);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const auto as_name = matches_as_name(pattern, domain);
    return as_name ? *as_name : Pattern(pattern).matches(std::string(domain));
  });
}

bool is_domain_restrictions(const XmlElement& element) {
  return element.is("domain-restrictions", sip_namespace) ||
         element.is("domain-restriction", sip_namespace);
}

Result<DomainRestrictions> read_domain_restrictions(const XmlElement& element) {
  DomainRestrictions restrictions;
  if (const auto enable = element.attribute("enable")) {
    const auto value = read_boolean(element, *enable);
    if (!value) return std::unexpected(value.error());
    restrictions.enable = *value;
  }
  for (const auto& child : element.children()) {
    if (!child.is("pattern", sip_namespace)) continue;
    std::string pattern = child.text();
    if (!is_reasonable(pattern) || !Pattern(pattern).good()) {
      return child.fail(ErrorCode::malformed, "not a regular expression that we take");
    }
    if (restrictions.patterns.size() >= max_patterns) {
      return child.fail(ErrorCode::too_large, "more than 256 patterns");
    }
    restrictions.patterns.push_back(std::move(pattern));
  }
  return restrictions;
}

}  // namespace carillon::config
