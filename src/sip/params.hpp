#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::sip {

/// A parameter of a URI or of a header: ";name" or ";name=value".
struct Param {
  std::string name{};
  std::optional<std::string> value{};

  friend bool operator==(const Param&, const Param&) = default;
};
using Params = std::vector<Param>;

/// Names are compared without regard to case. Null if there is none of this name.
[[nodiscard]] const Param* find_param(const Params& params, std::string_view name);
/// The value; empty if the parameter is missing or has no value.
[[nodiscard]] std::string_view param_value(const Params& params, std::string_view name);
void remove_param(Params& params, std::string_view name);

}  // namespace carillon::sip
