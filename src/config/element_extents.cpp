#include <algorithm>

#include "config/xml.hpp"

namespace carillon::config {
namespace {

/// Walks over the markup of a document that is known to be well-formed, so that it need only tell
/// tags from what merely looks like them.
class ExtentScanner {
 public:
  explicit ExtentScanner(std::string_view text) : text_(text) {}

  std::vector<ElementExtent> scan() {
    while ((at_ = text_.find('<', at_)) != npos) {
      const bool good =
          skip("<!--", "-->") || skip("<![CDATA[", "]]>") || skip("<?", "?>") || read_tag();
      if (!good) return {};
    }
    return open_.empty() ? std::move(extents_) : std::vector<ElementExtent>{};
  }

 private:
  static constexpr auto npos = std::string_view::npos;

  bool skip(std::string_view begin, std::string_view end) {
    if (!text_.substr(at_).starts_with(begin)) return false;
    const auto found = text_.find(end, at_ + begin.size());
    at_ = found == npos ? text_.size() : found + end.size();
    return true;
  }

  bool read_tag() {
    const std::size_t begin = at_;
    const std::size_t close = tag_end(begin);
    if (close == npos || text_.substr(begin).starts_with("<!")) return false;
    at_ = close + 1;
    if (text_[begin + 1] == '/') {
      if (open_.empty()) return false;
      extents_[open_.back()].end = at_;
      open_.pop_back();
      return true;
    }
    extents_.push_back({begin, at_});
    if (text_[close - 1] != '/') open_.push_back(extents_.size() - 1);
    return true;
  }

  /// The `>` that ends the tag at `position`: the first one outside quotes.
  [[nodiscard]] std::size_t tag_end(std::size_t position) const {
    char quote = 0;
    for (; position < text_.size(); ++position) {
      const char c = text_[position];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return position;
      }
    }
    return npos;
  }

  std::string_view text_;
  std::size_t at_{0};
  std::vector<ElementExtent> extents_;
  std::vector<std::size_t> open_;  ///< Indices into `extents_` of the elements not closed yet.
};

}  // namespace

std::vector<ElementExtent> element_extents(std::string_view text) {
  return ExtentScanner(text).scan();
}

}  // namespace carillon::config
