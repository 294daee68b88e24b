#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

namespace carillon::sim {

/// One thing that `--set` can change.
struct Setting {
  std::string_view key;
  double standard;
  std::string_view meaning;
};

/// All of them, in the order of the manual.
[[nodiscard]] std::span<const Setting> all_settings();

/// The numbers of a run. A scenario may set its own standards before the user's choices.
class Settings {
 public:
  Settings();

  /// "key=value". `invalid_argument`: no such key, or not a number.
  [[nodiscard]] Result<void> set(std::string_view assignment);
  /// A scenario's own standard: does not override what the user has set; false if that is so.
  bool suggest(std::string_view key, double value);

  /// The key must exist.
  [[nodiscard]] double operator[](std::string_view key) const;

 private:
  struct Value {
    double number{};
    bool chosen{false};
  };
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace carillon::sim
