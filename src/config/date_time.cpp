#include "config/date_time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/ascii.hpp"

namespace carillon::config {
namespace {

/// "dddd-dd-ddTdd:dd:dd", where d is a digit.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

int number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, value);
  return value;
}

/// Takes ".5", ".123" and so on off the front of `rest`; the milliseconds in it.
std::optional<int> take_fraction(std::string_view& rest) {
  if (!rest.starts_with('.')) return 0;
  rest.remove_prefix(1);
  int milli = 0;
  int scale = 100;
  std::size_t digits = 0;
  for (; digits < rest.size() && is_digit(rest[digits]); ++digits, scale /= 10) {
    milli += scale * (rest[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  rest.remove_prefix(digits);
  return milli;
}

}  // namespace

std::optional<WallTime> parse_date_time(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
  if (!has_shape(text, shape)) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{year{number(text, 0, 4)},
                            month{static_cast<unsigned>(number(text, 5, 2))},
                            day{static_cast<unsigned>(number(text, 8, 2))}};
  const int hour = number(text, 11, 2);
  const int minute = number(text, 14, 2);
  const int second = number(text, 17, 2);
  std::string_view rest = text.substr(shape.size());
  const auto fraction = take_fraction(rest);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || !fraction ||
      (rest != "Z" && rest != "+00:00")) {
    return std::nullopt;
  }
  const auto since_epoch = sys_days{date}.time_since_epoch() + hours{hour} + minutes{minute} +
                           seconds{second} + milliseconds{*fraction};
  return WallTime{since_epoch};
}

std::string format_date_time(WallTime time) {
  using namespace std::chrono;
  const auto whole_days = floor<days>(time.time_since_epoch());
  const year_month_day date{sys_days{whole_days}};
  const hh_mm_ss clock{floor<seconds>(time.time_since_epoch() - whole_days)};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace carillon::config
