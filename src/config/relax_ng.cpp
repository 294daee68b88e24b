#include "config/relax_ng.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <libxml/relaxng.h>

#include "config/relax_ng_schema.hpp"

namespace carillon::config {
namespace {

struct FreeSchema {
  void operator()(xmlRelaxNG* schema) const { xmlRelaxNGFree(schema); }
  void operator()(xmlRelaxNGParserCtxt* context) const { xmlRelaxNGFreeParserCtxt(context); }
  void operator()(xmlRelaxNGValidCtxt* context) const { xmlRelaxNGFreeValidCtxt(context); }
};

/// What validation complained of first, and where, as far as libxml2 says.
struct Complaint {
  std::string text{};
  int line{0};
};

void take_complaint(void* complaint, xmlErrorPtr error) {
  auto& first = *static_cast<Complaint*>(complaint);
  if (first.text.empty() && error->message != nullptr) first.text = error->message;
  if (first.line == 0 && error->line > 0) first.line = error->line;
}

/// The message may quote a whole certificate.
std::string one_line(std::string text) {
  constexpr std::size_t max_size = 160;
  while (text.ends_with('\n'))
    text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  if (text.size() > max_size) text = text.substr(0, max_size) + "...";
  return text.empty() ? "not valid" : text;
}

/// The schema is a constant of the program; it is compiled at its first use.
xmlRelaxNG* schema() {
  static const std::unique_ptr<xmlRelaxNG, FreeSchema> compiled{[] {
    const std::string_view text = relax_ng_schema();
    const std::unique_ptr<xmlRelaxNGParserCtxt, FreeSchema> context{
        xmlRelaxNGNewMemParserCtxt(text.data(), static_cast<int>(text.size()))};
    return xmlRelaxNGParse(context.get());
  }()};
  return compiled.get();
}

}  // namespace

Result<void> validate(const XmlDocument& document) {
  if (schema() == nullptr) return fail(ErrorCode::io, "RELAX NG", "libxml2 refuses the schema");
  const std::unique_ptr<xmlRelaxNGValidCtxt, FreeSchema> context{xmlRelaxNGNewValidCtxt(schema())};
  if (!context) return fail(ErrorCode::io, "RELAX NG", "out of memory");
  Complaint complaint;
  xmlRelaxNGSetValidStructuredErrors(context.get(), take_complaint, &complaint);
  if (xmlRelaxNGValidateDoc(context.get(), document.native()) == 0) return {};
  return fail(ErrorCode::malformed, "RELAX NG",
              one_line(complaint.text) + " (line " + std::to_string(complaint.line) + ")");
}

}  // namespace carillon::config
