#include "sip/header_id.hpp"

#include <array>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

struct Name {
  std::string_view full;
  char compact;  ///< 0: there is none.
};

constexpr std::array<Name, static_cast<std::size_t>(HeaderId::other)> header_names{{
    {"Via", 'v'},
    {"From", 'f'},
    {"To", 't'},
    {"Call-ID", 'i'},
    {"CSeq", 0},
    {"Max-Forwards", 0},
    {"Contact", 'm'},
    {"Route", 0},
    {"Record-Route", 0},
    {"Path", 0},
    {"Expires", 0},
    {"Min-Expires", 0},
    {"Content-Length", 'l'},
    {"Content-Type", 'c'},
    {"Authorization", 0},
    {"Proxy-Authorization", 0},
    {"WWW-Authenticate", 0},
    {"Proxy-Authenticate", 0},
    {"Require", 0},
    {"Proxy-Require", 0},
    {"Supported", 'k'},
    {"Unsupported", 0},
    {"Date", 0},
    {"Retry-After", 0},
    {"Allow", 0},
    {"Accept", 0},
    {"Server", 0},
    {"Warning", 0},
    {"Authentication-Info", 0},
    {"User-Agent", 0},
    {"Event", 'o'},
    {"P-Asserted-Identity", 0},
    {"P-Preferred-Identity", 0},
    {"Privacy", 0},
}};

}  // namespace

HeaderId header_id(std::string_view name) {
  if (name.empty()) return HeaderId::other;
  const char first = lower(name.front());
  for (std::size_t i = 0; i < header_names.size(); ++i) {
    const auto& known = header_names.at(i);
    if (name.size() == 1 ? known.compact == first
                         : known.full.size() == name.size() && lower(known.full[0]) == first &&
                               iequals(known.full, name)) {
      return static_cast<HeaderId>(i);
    }
  }
  return HeaderId::other;
}

std::string_view header_name(HeaderId id) {
  return id == HeaderId::other ? std::string_view{}
                               : header_names.at(static_cast<std::size_t>(id)).full;
}

bool is_list_header(HeaderId id) {
  return id == HeaderId::via || id == HeaderId::contact || id == HeaderId::route ||
         id == HeaderId::record_route || id == HeaderId::path;
}

bool is_single_header(HeaderId id) {
  return id == HeaderId::from || id == HeaderId::to || id == HeaderId::call_id ||
         id == HeaderId::cseq || id == HeaderId::max_forwards || id == HeaderId::content_length ||
         id == HeaderId::content_type || id == HeaderId::expires;
}

}  // namespace carillon::sip
