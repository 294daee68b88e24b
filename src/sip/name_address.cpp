#include "sip/name_address.hpp"

#include <utility>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// Where the URI of a name-addr starts and ends within `text`: after a display name, which may be
/// quoted and hold brackets. Nothing if brackets or quotes do not close.
struct Extent {
  std::size_t begin{};
  std::size_t end{};
  std::size_t params{};  ///< Where the header's parameters start.
};

std::optional<Extent> uri_extent(std::string_view text) {
  bool quoted = false;
  std::size_t open = std::string_view::npos;
  for (std::size_t i = 0; i < text.size() && open == std::string_view::npos; ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '<' && !quoted) {
      open = i;
    } else if (text[i] == ';' && !quoted) {
      break;
    }
  }
  if (quoted) return std::nullopt;
  if (open == std::string_view::npos) {
    const auto end = std::min(text.find(';'), text.size());
    return Extent{0, end, end};
  }
  const auto close = text.find('>', open);
  if (close == std::string_view::npos) return std::nullopt;
  return Extent{open + 1, close, close + 1};
}

/// The URI, and the header's parameters from the first ';' on.
struct Halves {
  std::string_view uri{};
  std::string_view params{};
};

Result<Halves> halves_of(std::string_view text) {
  const auto malformed = [](std::string detail) {
    return fail(ErrorCode::malformed, "address", std::move(detail));
  };
  text = trim(text);
  if (text.empty() || has_stray_control_character(text)) {
    return malformed("empty, or a control character in it");
  }
  const auto extent = uri_extent(text);
  if (!extent) return malformed("a quote or bracket is not closed");
  const Halves out{trim(text.substr(extent->begin, extent->end - extent->begin)),
                   trim(text.substr(extent->params))};
  if (!out.params.empty() && out.params.front() != ';') return malformed("text after the URI");
  // Without < > nobody could tell whether what follows '?' belongs to the URI (20).
  const bool bare = extent->params == extent->end;
  if (bare && out.uri.find('?') != std::string_view::npos) return malformed("'?' without < >");
  return out;
}

}  // namespace

Result<Uri> NameAddress::parse_uri(std::string_view text) {
  const auto halves = halves_of(text);
  if (!halves) return std::unexpected(halves.error());
  return Uri::parse(halves->uri);
}

Result<NameAddress> NameAddress::parse(std::string_view text) {
  const auto halves = halves_of(text);
  if (!halves) return std::unexpected(halves.error());
  auto uri = Uri::parse(halves->uri);
  if (!uri) return std::unexpected(uri.error());
  NameAddress address{std::string{halves->uri}, *std::move(uri), {}};
  std::string_view rest = halves->params;
  if (!rest.empty()) rest.remove_prefix(1);
  while (!rest.empty()) {
    const auto item = next_item(rest, ';');
    if (item.empty()) continue;
    std::string_view value = item;
    const auto name = next_item(value, '=');
    Param param{std::string{name}, std::nullopt};
    if (name.size() < item.size()) param.value = std::string{value.empty() ? value : trim(value)};
    address.params.push_back(std::move(param));
  }
  return address;
}

std::string_view tag_of(std::string_view from_or_to) {
  const auto extent = uri_extent(from_or_to);
  if (!extent) return {};
  auto rest = from_or_to.substr(extent->params);
  while (!rest.empty()) {
    std::string_view item = next_item(rest, ';');
    if (iequals(next_item(item, '='), "tag")) return trim(item);
  }
  return {};
}

}  // namespace carillon::sip
