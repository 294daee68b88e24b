#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/overlay_configuration.hpp"
#include "security/authenticator.hpp"
#include "wire/security_block.hpp"

namespace carillon::config {

/// A kind-block as it stands in the document: what its signature covers, and the signature.
struct KindBlock {
  KindId id{};
  std::string octets{};  ///< From `<kind` to the end of `</kind>`.
  /// Nothing if there is none, or none that can be read: such a Kind cannot be verified.
  std::optional<wire::SecurityBlock> signature{};
};

/// A configuration document of one overlay: what it says, and its octets, which are never written
/// anew (RFC 6940, 11.1: a binary blob). Cheap to copy: copies share the content.
class ConfigurationDocument {
 public:
  static constexpr std::size_t max_size = 1'048'576;
  static constexpr std::size_t max_configurations = 64;
  static constexpr std::size_t max_kinds = 1'024;

  /// Reads the configuration of the overlay `instance_name` from a document, which may hold
  /// several; an empty name takes the only (or first) one.
  ///
  /// `malformed`: not well-formed, not valid against the schema of 11.1.1, or a value that its
  /// element does not allow; `where` names the element, `detail` says what and on which line.
  /// `too_large`. `not_found`: no such overlay in it. `incompatible_with_overlay`: well-formed,
  /// but asks for what we don't have (another topology plug-in, Node-IDs that are not of 16
  /// octets, a mandatory-extension, only unknown link protocols): do not join.
  ///
  /// Says nothing about signatures: see `verify_self` and `verify_successor`.
  [[nodiscard]] static Result<ConfigurationDocument> parse(std::string text,
                                                           std::string_view instance_name = {});

  [[nodiscard]] const OverlayConfiguration& configuration() const {
    return *content_->configuration;
  }
  [[nodiscard]] const std::shared_ptr<const OverlayConfiguration>& shared_configuration() const {
    return content_->configuration;
  }
  /// The whole document as received: what a ConfigUpdate carries.
  [[nodiscard]] const std::string& text() const { return content_->text; }
  /// From `<configuration` to the end of `</configuration>`: what the signature covers.
  [[nodiscard]] std::string_view blob() const;
  /// Those that follow the configuration and can be read.
  [[nodiscard]] const std::vector<wire::SecurityBlock>& signatures() const {
    return content_->signatures;
  }
  [[nodiscard]] const std::vector<KindBlock>& kind_blocks() const { return content_->kind_blocks; }

 private:
  struct Content {
    std::string text;
    std::size_t blob_begin{};
    std::size_t blob_size{};
    std::shared_ptr<const OverlayConfiguration> configuration;
    std::vector<wire::SecurityBlock> signatures;
    std::vector<KindBlock> kind_blocks;
  };

  explicit ConfigurationDocument(std::shared_ptr<const Content> content)
      : content_(std::move(content)) {}
  static Result<void> read(Content& content, std::string_view instance_name);

  std::shared_ptr<const Content> content_;
};

/// A Kind as a ConfigUpdate brings it (6.5.4.1): definition and signed octets.
struct SignedKind {
  KindDefinition definition{};
  KindBlock block{};
};

/// Reads a kind-block element that stands alone; the base namespace need not be declared. Errors as
/// ConfigurationDocument::parse.
[[nodiscard]] Result<SignedKind> parse_kind_block(std::string_view octets);

/// Is it signed by a kind-signer of `configuration`? `bad_signature` or `bad_certificate` if not.
[[nodiscard]] Result<void> verify_kind(const KindBlock& block,
                                       const OverlayConfiguration& configuration,
                                       security::Authenticator& authenticator, WallTime now);

/// Does the document hold together, for the first one that a node gets (and trusts for where it
/// comes from, 11.2)? Signed by one of its own configuration-signers, every Kind by one of its own
/// kind-signers, not expired, and nothing in it that we cannot do (`check_supported`).
/// `bad_signature`, `bad_certificate`; `config_too_old`: expired; `incompatible_with_overlay`.
[[nodiscard]] Result<void> verify_self(const ConfigurationDocument& document, WallTime now,
                                       std::shared_ptr<security::Verifier> verifier);

/// May `next` replace `current` (11.1)? It must be of the same overlay, of a later sequence
/// (`config_too_old` if not), signed by a configuration-signer of `current`, under the
/// roots of `current`; and every Kind by one of its own kind-signers. `incompatible_with_overlay`:
/// signed and sealed, but asks for what we cannot do; then the overlay must be left (11.1).
[[nodiscard]] Result<void> verify_successor(const ConfigurationDocument& current,
                                            const ConfigurationDocument& next, WallTime now,
                                            std::shared_ptr<security::Verifier> verifier);

}  // namespace carillon::config
