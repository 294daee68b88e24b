#include "sip/osip.hpp"

#include "sip/text.hpp"

namespace carillon::sip::osip {

Params params(const osip_list_t& list) {
  Params out;
  out.reserve(static_cast<std::size_t>(osip_list_size(&list)));
  osip_list_iterator_t at{};
  for (void* item = osip_list_get_first(&list, &at); item != nullptr;
       item = osip_list_get_next(&at)) {
    const auto* param = static_cast<const osip_uri_param_t*>(item);
    Param copy{std::string{trim(text(param->gname))}, std::nullopt};
    if (param->gvalue != nullptr) copy.value = std::string{trim(param->gvalue)};
    out.push_back(std::move(copy));
  }
  return out;
}

bool acceptable(std::string_view text) {
  return !text.empty() && !has_control_character(text);
}

}  // namespace carillon::sip::osip
