#pragma once

// Our edge to libosip2's parser: what it allocates is freed, what it holds is copied out.
// libosip2 reads C strings and checks little, so callers give it text without NUL and of bounded
// length (SipLimits::header_bytes); the fuzzers in fuzz/ look for what still goes wrong.

#include <cstddef>
// libosip2's headers need the line above.
#include <memory>
#include <string>
#include <string_view>

#include <osipparser2/osip_message.h>

#include "sip/params.hpp"

namespace carillon::sip::osip {

template <auto free_function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Uri = std::unique_ptr<osip_uri_t, Free<osip_uri_free>>;
using From = std::unique_ptr<osip_from_t, Free<osip_from_free>>;
using Via = std::unique_ptr<osip_via_t, Free<osip_via_free>>;
using Authorization = std::unique_ptr<osip_authorization_t, Free<osip_authorization_free>>;

/// An empty object made by one of libosip2's init functions; null if memory ran out.
template <typename Pointer, typename Init>
[[nodiscard]] Pointer make(Init init) {
  typename Pointer::pointer raw = nullptr;
  return init(&raw) == 0 ? Pointer{raw} : nullptr;
}

[[nodiscard]] inline std::string_view text(const char* value) {
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// Copies a list of parameters.
[[nodiscard]] Params params(const osip_list_t& list);

/// Text that libosip2 may be given: not empty, no NUL or other control character.
[[nodiscard]] bool acceptable(std::string_view text);

}  // namespace carillon::sip::osip
