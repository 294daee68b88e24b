// Header values, as libosip2 and we take them apart. The first octet says which.
#include <string_view>

#include "base/bytes.hpp"
#include "check.hpp"
#include "sip/digest.hpp"
#include "sip/name_address.hpp"
#include "sip/uri.hpp"
#include "sip/via.hpp"

using namespace carillon;

namespace {

/// What parse() takes apart by itself comes out as from libosip2.
template <typename Value>
Result<Value> parse(std::string_view text) {
  auto value = Value::parse(text);
  const auto theirs = Value::parse_with_library(text);
  check(value.has_value() == theirs.has_value());
  if (value) check(*value == *theirs);
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = as_text(ByteView{data + 1, std::min<std::size_t>(size - 1, 4096)});
  switch (data[0] % 4) {
    case 0: {
      const auto uri = parse<sip::Uri>(text);
      if (uri && uri->is_sip()) {
        check(!uri->host.empty());
        check(sip::equivalent(*uri, *uri));
        (void)sip::address_of_record(*uri);
        (void)uri->host_port();
      }
      break;
    }
    case 1: {
      const auto address = sip::NameAddress::parse(text);
      if (address) check(sip::tag_of(text) == address->tag());
      break;
    }
    case 2: {
      const auto via = parse<sip::Via>(text);
      if (via) {
        const auto again = sip::Via::parse(via->text());
        check(again.has_value());
        check(again->sent_by() == via->sent_by());
        check(again->branch() == via->branch());
      }
      break;
    }
    default: {
      const auto credentials = parse<sip::DigestCredentials>(text);
      if (credentials) {
        (void)sip::digest_fits(*credentials, sip::Credential{}, "REGISTER");
        (void)credentials->count();
      }
    }
  }
  return 0;
}
