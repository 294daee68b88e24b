#include "config/xml.hpp"

#include <algorithm>
#include <cstdint>

#include <libxml/parser.h>
#include <libxml/tree.h>

namespace carillon::config {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view view(const xmlChar* text) {
  return text != nullptr ? std::string_view(reinterpret_cast<const char*>(text))
                         : std::string_view();
}

std::string take(xmlChar* text) {
  std::string out(view(text));
  xmlFree(text);
  return out;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(white_space) - first + 1));
}

struct ParserContext {
  xmlParserCtxtPtr context{xmlNewParserCtxt()};
  ParserContext() = default;
  ParserContext(const ParserContext&) = delete;
  ParserContext& operator=(const ParserContext&) = delete;
  ~ParserContext() { xmlFreeParserCtxt(context); }
};

/// Called at a DOCTYPE, before anything in it is read.
void refuse_doctype(void* parser, const xmlChar* /*name*/, const xmlChar* /*external_id*/,
                    const xmlChar* /*system_id*/) {
  auto* context = static_cast<xmlParserCtxtPtr>(parser);
  *static_cast<bool*>(context->_private) = true;
  xmlStopParser(context);
}

bool is_utf8(const xmlChar* declared) {
  std::string name(view(declared));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name.empty() || name == "utf-8";
}

std::unexpected<Error> malformed(std::string detail) {
  return carillon::fail(ErrorCode::malformed, "XML", std::move(detail));
}

std::unexpected<Error> parse_error(xmlParserCtxtPtr context) {
  const xmlError* error = xmlCtxtGetLastError(context);
  if (error == nullptr || error->message == nullptr) return malformed("not well-formed");
  return malformed(trimmed(error->message) + " (line " + std::to_string(error->line) + ")");
}

/// Numbers the elements in document order, in libxml2's field for us.
void number_elements(xmlNode* root) {
  std::uintptr_t next = 0;
  xmlNode* node = root;
  while (node != nullptr) {
    if (node->type == XML_ELEMENT_NODE) {
      // A number in the place of a pointer: nobody follows it.
      node->_private = reinterpret_cast<void*>(next++);  // NOLINT(performance-no-int-to-ptr)
    }
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      continue;
    }
    while (node != root && node->next == nullptr)
      node = node->parent;
    node = node == root ? nullptr : node->next;
  }
}

}  // namespace

void XmlDocument::FreeDocument::operator()(_xmlDoc* document) const {
  xmlFreeDoc(document);
}

XmlDocument::XmlDocument(_xmlDoc* document) : document_(document) {}

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
  // UTF-16 and wider need no declaration, and have octets of zero (or their mark at the start).
  if (text.find('\0') != std::string_view::npos || text.starts_with("\xff\xfe") ||
      text.starts_with("\xfe\xff")) {
    return malformed("not in UTF-8");
  }
  const ParserContext parser;
  bool has_doctype = false;
  parser.context->_private = &has_doctype;
  parser.context->sax->internalSubset = refuse_doctype;
  constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                          XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA;
  XmlDocument document(xmlCtxtReadMemory(parser.context, text.data(), static_cast<int>(text.size()),
                                         nullptr, nullptr, options));
  if (has_doctype) return malformed("a DOCTYPE has no place in a configuration document");
  if (!document.document_) return parse_error(parser.context);
  if (!is_utf8(document.document_->encoding)) return malformed("not in UTF-8");
  xmlNode* root = xmlDocGetRootElement(document.native());
  if (root == nullptr) return malformed("no root element");
  number_elements(root);
  return document;
}

XmlElement XmlDocument::root() const {
  return XmlElement(xmlDocGetRootElement(native()));
}

std::string_view XmlElement::name() const {
  return view(node_->name);
}

std::string_view XmlElement::namespace_uri() const {
  return node_->ns != nullptr ? view(node_->ns->href) : std::string_view();
}

bool XmlElement::is(std::string_view name, std::string_view uri) const {
  return this->name() == name && namespace_uri() == uri;
}

std::optional<std::string> XmlElement::attribute(const char* name) const {
  xmlChar* value = xmlGetNoNsProp(node_, reinterpret_cast<const xmlChar*>(name));
  if (value == nullptr) return std::nullopt;
  return trimmed(take(value));
}

std::string XmlElement::text() const {
  return trimmed(take(xmlNodeGetContent(node_)));
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> list;
  for (xmlNode* child = node_->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) list.emplace_back(child);
  }
  return list;
}

std::size_t XmlElement::line() const {
  const long line = xmlGetLineNo(node_);
  return line > 0 ? static_cast<std::size_t>(line) : 0;
}

std::size_t XmlElement::number() const {
  return reinterpret_cast<std::uintptr_t>(node_->_private);
}

std::unexpected<Error> XmlElement::fail(ErrorCode code, const std::string& detail) const {
  return carillon::fail(code, std::string(name()),
                        detail + " (line " + std::to_string(line()) + ")");
}

}  // namespace carillon::config
