#include "sip/params.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace carillon::sip {

const Param* find_param(const Params& params, std::string_view name) {
  const auto found =
      std::ranges::find_if(params, [&](const Param& param) { return iequals(param.name, name); });
  return found == params.end() ? nullptr : &*found;
}

std::string_view param_value(const Params& params, std::string_view name) {
  const auto* param = find_param(params, name);
  return param != nullptr && param->value ? std::string_view{*param->value} : std::string_view{};
}

void remove_param(Params& params, std::string_view name) {
  std::erase_if(params, [&](const Param& param) { return iequals(param.name, name); });
}

}  // namespace carillon::sip
