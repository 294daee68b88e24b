#include "app/trunk_settings.hpp"

#include <algorithm>
#include <system_error>

#include "io/files.hpp"
#include "sip/text.hpp"
#include "sip/uri.hpp"

namespace carillon::app {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view register_word = "register=";

/// Cuts the first word off the front of `rest`.
std::string_view next_word(std::string_view& rest) {
  rest = sip::trim(rest);
  const auto word = rest.substr(0, rest.find_first_of(blanks));
  rest = sip::trim(rest.substr(word.size()));
  return word;
}

/// Who we are at a trunk: USER at its host, or USER@DOMAIN; empty if it is neither.
std::string line_uri(std::string_view user, const sip::Uri& trunk) {
  auto text = "sip:" + std::string{user};
  if (user.find('@') == std::string_view::npos) {
    text.append("@").append(sip::host_text(trunk.host));
  }
  const auto uri = sip::Uri::parse(text);
  return uri && !uri->user.empty() && uri->params.empty() && !uri->has_headers ? text
                                                                               : std::string{};
}

}  // namespace

Result<sip::TrunkOptions> read_trunk(std::string_view text) {
  const auto wrong = [](std::string why) {
    return fail(ErrorCode::invalid_argument, "trunk", std::move(why));
  };
  sip::TrunkOptions trunk{.uri = std::string{next_word(text)}};
  const auto uri = sip::Uri::parse(trunk.uri);
  if (!uri || !uri->is_sip()) return wrong("\"" + trunk.uri + "\" is not a SIP URI");
  if (!uri->user.empty() || uri->has_headers) return wrong("a user or headers in it");
  while (!text.empty()) {
    const auto word = next_word(text);
    if (word == "trusted") {
      trunk.trusted = true;
    } else if (word.starts_with(register_word)) {
      trunk.register_as = line_uri(word.substr(register_word.size()), *uri);
      if (trunk.register_as.empty()) return wrong("\"" + std::string{word} + "\" is no user");
    } else {
      return wrong("\"" + std::string{word} + "\" behind the URI");
    }
  }
  return trunk;
}

Result<void> read_trunk_passwords(std::string_view text, std::vector<sip::TrunkOptions>& trunks) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto wrong = [number](const char* why) {
      return fail(ErrorCode::invalid_argument, "line " + std::to_string(number), why);
    };
    const auto end = std::min(text.find('\n'), text.size());
    auto rest = sip::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (rest.empty() || rest.starts_with('#')) continue;
    const auto uri = next_word(rest);
    const auto username = next_word(rest);
    if (rest.empty()) return wrong("is not URI, user name, password");
    if (sip::has_control_character(rest)) return wrong("has a control character in it");
    const auto trunk = std::ranges::find(trunks, uri, &sip::TrunkOptions::uri);
    if (trunk == trunks.end()) return wrong("names no --sip-trunk");
    if (!trunk->login.username.empty()) return wrong("names a trunk for the second time");
    trunk->login = {std::string{username}, std::string{rest}};
  }
  return {};
}

Result<void> load_trunk_passwords(const std::filesystem::path& path,
                                  std::vector<sip::TrunkOptions>& trunks, const NoticeSink& log) {
  auto text = io::read_file(path);
  if (!text) return std::unexpected(text.error());
  std::error_code unknown;
  const auto mode = std::filesystem::status(path, unknown).permissions();
  constexpr auto everybody =
      std::filesystem::perms::others_read | std::filesystem::perms::others_write;
  if (!unknown && (mode & everybody) != std::filesystem::perms::none) {
    log({Severity::warning,
         path.string() + ": everybody on this machine can read it or write to it"});
  }
  return read_trunk_passwords(*text, trunks);
}

}  // namespace carillon::app
