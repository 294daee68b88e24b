// The form that a newcomer, or a peer that renews, posts: the content type in the first line, then
// the body. What was read is written, and read again.
#include <algorithm>
#include <string_view>

#include "app/enrollment/multipart_form.hpp"
#include "check.hpp"

using namespace carillon;
using app::MultipartForm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto line = std::min(text.find('\n'), text.size());
  const auto body = text.substr(std::min(line + 1, text.size()));
  const auto form = MultipartForm::parse(text.substr(0, line), body);
  if (!form) {
    check(form.error().code == ErrorCode::malformed);
    return 0;
  }
  for (const auto* name :
       {"username", "password", "csr", "registrar-csr", "certificate", "proof"}) {
    const auto* field = form->field(name);
    if (field == nullptr) continue;
    check(field->name == name && field->content.size() <= body.size());
    // A boundary that occurs nowhere in it carries it unchanged.
    const std::string boundary = "another-boundary-of-ours";
    if (text.contains(boundary) || field->content_type.contains('\r') ||
        field->content_type.contains('\n')) {
      continue;
    }
    MultipartForm one;
    one.add(*field);
    const auto again =
        MultipartForm::parse("multipart/form-data; boundary=" + boundary, one.body(boundary));
    check(again && again->field(name) != nullptr && again->field(name)->content == field->content);
  }
  return 0;
}
