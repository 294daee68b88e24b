#include "sip/phone_number.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::string_view visual_separators = "-.()";
/// RFC 3261, 25.1: unreserved and user-unreserved.
constexpr std::string_view user_marks = "-_.!~*'()&=+$,;?/";
/// RFC 3966, 3: paramchar, with "%" for escapes and "=" between name and value.
constexpr std::string_view tel_param_marks = "-_.!~*'()[]/:&+$%=;";

}  // namespace

bool is_phone_number(std::string_view user) {
  auto number = user.substr(0, user.find(';'));
  const bool global = number.starts_with('+');
  if (global) number.remove_prefix(1);
  bool any = false;
  for (const char c : number) {
    const bool dialled = is_digit(c) || (!global && (c == '*' || c == '#'));
    if (!dialled && visual_separators.find(c) == std::string_view::npos) return false;
    any = any || is_digit(c);
  }
  return any;
}

std::string without_separators(std::string_view number) {
  std::string out;
  std::ranges::copy_if(number, std::back_inserter(out),
                       [](char c) { return visual_separators.find(c) == std::string_view::npos; });
  return out;
}

std::string canonical_user(const Uri& uri) {
  const auto* user = uri.param("user");
  if (user == nullptr || !iequals(user->value.value_or(""), "phone") ||
      !is_phone_number(uri.user)) {
    return uri.user;
  }
  const auto end = std::min(uri.user.find(';'), uri.user.size());
  return without_separators(std::string_view{uri.user}.substr(0, end)) + uri.user.substr(end);
}

std::string escaped_user(std::string_view user) {
  return percent_escaped(user, user_marks);
}

Result<TelUri> TelUri::parse(std::string_view text) {
  const auto malformed = [](std::string detail) {
    return fail(ErrorCode::malformed, "tel URI", std::move(detail));
  };
  if (!iequals(text.substr(0, 4), "tel:")) return malformed("another scheme");
  auto rest = text.substr(4);
  const auto number = rest.substr(0, rest.find(';'));
  if (!is_phone_number(number)) return malformed("no number");
  rest.remove_prefix(number.size());
  const bool sound = std::ranges::all_of(rest, [](char c) {
    return is_alphanumeric(c) || tel_param_marks.find(c) != std::string_view::npos;
  });
  if (!sound) return malformed("a parameter is not one");
  TelUri out{.number = without_separators(number)};
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto param = rest.substr(0, rest.find(';'));
    rest.remove_prefix(param.size());
    if (param.empty()) return malformed("an empty parameter");
    constexpr std::string_view context = "phone-context=";
    if (iequals(param.substr(0, context.size()), context)) {
      out.context = lower_case(param.substr(context.size()));
    } else {
      out.params.append(";").append(param);
    }
  }
  return out;
}

std::string TelUri::user(std::string_view domain) const {
  auto out = number + params;
  if (!context.empty() && context != domain) out.append(";phone-context=").append(context);
  return out;
}

}  // namespace carillon::sip
