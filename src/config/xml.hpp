#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

// libxml2's, kept out of the headers.
// NOLINTBEGIN(bugprone-reserved-identifier)
struct _xmlDoc;
struct _xmlNode;
// NOLINTEND(bugprone-reserved-identifier)

namespace carillon::config {

inline constexpr std::string_view base_namespace = "urn:ietf:params:xml:ns:p2p:config-base";
inline constexpr std::string_view chord_namespace = "urn:ietf:params:xml:ns:p2p:config-chord";
inline constexpr std::string_view sip_namespace = "urn:ietf:params:xml:ns:p2p:config-base:sip";

/// An element of an XmlDocument, which must outlive it.
class XmlElement {
 public:
  explicit XmlElement(_xmlNode* node) : node_(node) {}

  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::string_view namespace_uri() const;
  [[nodiscard]] bool is(std::string_view name, std::string_view uri = base_namespace) const;
  /// An attribute without a namespace.
  [[nodiscard]] std::optional<std::string> attribute(const char* name) const;
  /// All text in it, white space around it taken off.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::vector<XmlElement> children() const;
  [[nodiscard]] std::size_t line() const;
  /// Its number among all elements of the document, the root being 0: see `element_extents`.
  [[nodiscard]] std::size_t number() const;

  /// `where` is the element's name, `detail` ends with its line.
  [[nodiscard]] std::unexpected<Error> fail(ErrorCode code, const std::string& detail) const;

 private:
  _xmlNode* node_;
};

/// A well-formed XML document in UTF-8 (11.1), read from memory. Documents with a DOCTYPE are
/// refused: no overlay configuration has one, and entities are what attacks are made of. Nothing is
/// fetched from anywhere.
class XmlDocument {
 public:
  /// `malformed`, with the line.
  [[nodiscard]] static Result<XmlDocument> parse(std::string_view text);

  [[nodiscard]] XmlElement root() const;
  [[nodiscard]] _xmlDoc* native() const { return document_.get(); }

 private:
  explicit XmlDocument(_xmlDoc* document);

  struct FreeDocument {
    void operator()(_xmlDoc* document) const;
  };
  std::unique_ptr<_xmlDoc, FreeDocument> document_;
};

/// From the `<` of an element's start tag to after the `>` of its end.
struct ElementExtent {
  std::size_t begin{};
  std::size_t end{};
};

/// Where each element of a well-formed document without DOCTYPE lies, in document order: for
/// signatures, which cover the octets as they are (11.1). Empty if `text` is not that.
[[nodiscard]] std::vector<ElementExtent> element_extents(std::string_view text);

}  // namespace carillon::config
