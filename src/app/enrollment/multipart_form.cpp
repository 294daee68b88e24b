#include "app/enrollment/multipart_form.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace carillon::app {
namespace {

std::unexpected<Error> malformed(std::string detail, std::size_t offset) {
  return std::unexpected(Error{ErrorCode::malformed, "form", std::move(detail), offset});
}

bool equal_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// The value of `name` among the parameters after the first semicolon, without its quotes.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  while (true) {
    const auto semicolon = header.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    header = trimmed(header.substr(semicolon + 1));
    const auto equals = header.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool found = equal_ignoring_case(trimmed(header.substr(0, equals)), name);
    header = trimmed(header.substr(equals + 1));
    const bool quoted = header.starts_with('"');
    if (quoted) header.remove_prefix(1);
    const auto end = std::min(header.find(quoted ? '"' : ';'), header.size());
    if (quoted && end == header.size()) return std::nullopt;
    if (found) return std::string(trimmed(header.substr(0, end)));
    header.remove_prefix(end);
  }
}

/// Reads a part's header lines; false if a line is none.
bool read_headers(std::string_view headers, MultipartForm::Field& field) {
  while (!headers.empty()) {
    const auto end = std::min(headers.find("\r\n"), headers.size());
    const auto line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + 2, headers.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(name, "content-disposition")) {
      field.name = parameter(value, "name").value_or("");
    } else if (equal_ignoring_case(name, "content-type")) {
      field.content_type = value;
    }
  }
  return !field.name.empty();
}

}  // namespace

Result<MultipartForm> MultipartForm::parse(std::string_view content_type, std::string_view body) {
  const auto kind = trimmed(content_type.substr(0, content_type.find(';')));
  const auto boundary = parameter(content_type, "boundary");
  if (!equal_ignoring_case(kind, "multipart/form-data") || !boundary || boundary->empty() ||
      boundary->size() > max_boundary_octets) {
    return malformed("the content type must be multipart/form-data with a boundary", 0);
  }
  const auto delimiter = "\r\n--" + *boundary;
  MultipartForm form;
  // The first delimiter may lack its line break; what is before it does not count.
  auto at = body.starts_with(std::string_view{delimiter}.substr(2)) ? delimiter.size() - 2
                                                                    : body.find(delimiter);
  if (at == std::string_view::npos) return malformed("the boundary does not occur", 0);
  if (!body.starts_with(std::string_view{delimiter}.substr(2))) at += delimiter.size();
  while (!body.substr(at).starts_with("--")) {
    if (!body.substr(at).starts_with("\r\n")) return malformed("no line ends here", at);
    const auto end = body.find(delimiter, at);
    const auto blank = body.find("\r\n\r\n", at);
    if (end == std::string_view::npos) return malformed("the last boundary is missing", at);
    if (blank == std::string_view::npos || blank + 4 > end) {
      return malformed("a field has no content", at);
    }
    Field field{.content = std::string(body.substr(blank + 4, end - blank - 4))};
    const auto headers = blank > at + 2 ? body.substr(at + 2, blank - at - 2) : std::string_view{};
    if (!read_headers(headers, field)) return malformed("a field has no name", at);
    if (form.field(field.name) != nullptr) return malformed(field.name + " occurs twice", at);
    if (form.fields_.size() == max_fields) return malformed("there are too many fields", at);
    form.add(std::move(field));
    at = end + delimiter.size();
  }
  return form;
}

const MultipartForm::Field* MultipartForm::field(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? nullptr : &*found;
}

std::string MultipartForm::body(std::string_view boundary) const {
  std::string text;
  for (const auto& field : fields_) {
    text.append("--").append(boundary).append("\r\n");
    text += "Content-Disposition: form-data; name=\"" + field.name + "\"\r\n";
    if (!field.content_type.empty()) text += "Content-Type: " + field.content_type + "\r\n";
    text += "\r\n" + field.content + "\r\n";
  }
  return text.append("--").append(boundary).append("--\r\n");
}

}  // namespace carillon::app
