#include "config/configuration_document.hpp"

#include <span>

#include "base/base64.hpp"
#include "config/configuration_reader.hpp"
#include "config/relax_ng.hpp"
#include "config/xml.hpp"
#include "wire/codec.hpp"

namespace carillon::config {
namespace {

/// The content of a signature or kind-signature element; its algorithm attribute says nothing that
/// the SecurityBlock does not say.
std::optional<wire::SecurityBlock> read_signature(const XmlElement& element) {
  const auto octets = from_base64(element.text());
  if (!octets) return std::nullopt;
  auto block = wire::decode_whole<wire::SecurityBlock>(*octets);
  if (!block) return std::nullopt;
  return *std::move(block);
}

struct Chosen {
  std::optional<XmlElement> configuration{};
  std::vector<XmlElement> signatures{};
};

/// The configuration of that name (or the first), and the signatures between it and the next.
Chosen choose(const std::vector<XmlElement>& elements, std::string_view instance_name) {
  Chosen chosen;
  for (const auto& element : elements) {
    if (element.is("configuration")) {
      if (chosen.configuration) break;
      if (instance_name.empty() || element.attribute("instance-name") == instance_name) {
        chosen.configuration = element;
      }
    } else if (element.is("signature") && chosen.configuration) {
      chosen.signatures.push_back(element);
    }
  }
  return chosen;
}

Result<std::vector<KindBlock>> read_kind_blocks(const XmlElement& configuration,
                                                const std::vector<ElementExtent>& extents,
                                                std::string_view text) {
  std::vector<KindBlock> blocks;
  for (const auto& parameter : configuration.children()) {
    if (!parameter.is("required-kinds")) continue;
    for (const auto& element : parameter.children()) {
      KindBlock block;
      for (const auto& child : element.children()) {
        if (child.is("kind-signature")) block.signature = read_signature(child);
        if (!child.is("kind")) continue;
        const auto kind = read_kind(child);
        if (!kind) return std::unexpected(kind.error());
        block.id = kind->id;
        const auto extent = extents.at(child.number());
        block.octets = text.substr(extent.begin, extent.end - extent.begin);
      }
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

std::size_t count_elements(const XmlElement& element) {
  std::size_t count = 1;
  for (const auto& child : element.children())
    count += count_elements(child);
  return count;
}

}  // namespace

Result<ConfigurationDocument> ConfigurationDocument::parse(std::string text,
                                                           std::string_view instance_name) {
  if (text.size() > max_size) {
    return fail(ErrorCode::too_large, "configuration document", "more than a megabyte");
  }
  auto content = std::make_shared<Content>();
  content->text = std::move(text);
  if (auto done = read(*content, instance_name); !done) return std::unexpected(done.error());
  return ConfigurationDocument{std::move(content)};
}

Result<void> ConfigurationDocument::read(Content& content, std::string_view instance_name) {
  const auto xml = XmlDocument::parse(content.text);
  if (!xml) return std::unexpected(xml.error());
  if (auto valid = validate(*xml); !valid) return valid;
  const auto elements = xml->root().children();
  if (elements.size() > max_configurations) {
    return fail(ErrorCode::too_large, "overlay", "more than 64 configurations and signatures");
  }
  const Chosen chosen = choose(elements, instance_name);
  if (!chosen.configuration) {
    return fail(ErrorCode::not_found, "configuration",
                "none for the overlay \"" + std::string(instance_name) + "\"");
  }
  const auto extents = element_extents(content.text);
  if (extents.size() != count_elements(xml->root())) {
    return fail(ErrorCode::malformed, "XML", "its elements cannot be told apart");
  }
  auto configuration = read_configuration(*chosen.configuration);
  if (!configuration) return std::unexpected(configuration.error());
  content.configuration = std::make_shared<const OverlayConfiguration>(*std::move(configuration));
  auto blocks = read_kind_blocks(*chosen.configuration, extents, content.text);
  if (!blocks) return std::unexpected(blocks.error());
  content.kind_blocks = *std::move(blocks);
  const auto extent = extents[chosen.configuration->number()];
  content.blob_begin = extent.begin;
  content.blob_size = extent.end - extent.begin;
  for (const auto& element : chosen.signatures) {
    if (auto signature = read_signature(element))
      content.signatures.push_back(*std::move(signature));
  }
  return {};
}

std::string_view ConfigurationDocument::blob() const {
  return std::string_view(content_->text).substr(content_->blob_begin, content_->blob_size);
}

Result<SignedKind> parse_kind_block(std::string_view octets) {
  std::string text =
      "<overlay xmlns=\"" + std::string(base_namespace) +
      "\"><configuration instance-name=\"kind\"><self-signed-permitted digest=\"sha256\">true"
      "</self-signed-permitted><required-kinds>";
  text += octets;
  text += "</required-kinds></configuration></overlay>";
  const auto document = ConfigurationDocument::parse(std::move(text));
  if (!document) return std::unexpected(document.error());
  if (document->kind_blocks().size() != 1) {
    return fail(ErrorCode::malformed, "kind-block", "must be exactly one");
  }
  return SignedKind{document->configuration().kinds.front(), document->kind_blocks().front()};
}

}  // namespace carillon::config
