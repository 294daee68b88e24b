#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/config_sequence.hpp"
#include "config/kind_definition.hpp"
#include "security/chain_verifier.hpp"
#include "wire/identifiers.hpp"

namespace carillon::config {

struct BootstrapNode {
  static constexpr std::uint16_t default_port = 6084;

  std::string address{};  ///< IPv4 or IPv6; we also take a host name.
  std::uint16_t port{default_port};
  friend bool operator==(const BootstrapNode&, const BootstrapNode&) = default;
};

/// What CHORD-RELOAD takes from the document (RFC 6940, 10 and 11.1).
struct ChordConfiguration {
  std::chrono::seconds ping_interval{3'600};
  std::chrono::seconds update_interval{600};
  bool reactive{true};
  friend bool operator==(const ChordConfiguration&, const ChordConfiguration&) = default;
};

/// One overlay's configuration (RFC 6940, 11.1). Defaults are the RFC's.
struct OverlayConfiguration {
  std::string instance_name{};
  ConfigSequence sequence{};
  std::optional<WallTime> expiration{};

  std::string topology_plugin{"CHORD-RELOAD"};
  std::uint8_t node_id_length{16};
  std::vector<security::CertificatePtr> root_certs{};
  std::vector<std::string> enrollment_servers{};
  std::optional<security::SelfSignedDigest> self_signed_permitted{};  ///< Set if "true".
  std::vector<BootstrapNode> bootstrap_nodes{};
  std::uint8_t turn_density{1};
  bool clients_permitted{true};
  bool no_ice{false};
  ChordConfiguration chord{};
  std::optional<std::string> shared_secret{};
  std::uint32_t max_message_size{5'000};  ///< Octets of a whole, reassembled message.
  std::uint8_t initial_ttl{100};
  milliseconds overlay_reliability_timer{3'000};
  std::vector<std::string> overlay_link_protocols{"TLS"};
  std::set<NodeId> configuration_signers{};
  std::set<NodeId> kind_signers{};
  std::set<NodeId> bad_nodes{};
  std::vector<std::string> mandatory_extensions{};
  std::vector<KindDefinition> kinds{};  ///< required-kinds.

  [[nodiscard]] wire::OverlayHash overlay_hash() const { return wire::overlay_hash(instance_name); }
  /// Null if the overlay has no such Kind.
  [[nodiscard]] const KindDefinition* kind(KindId id) const;
  [[nodiscard]] std::optional<wire::DataModel> data_model(KindId id) const;
  /// For wire's decoders. Refers to this configuration, which must outlive it.
  [[nodiscard]] wire::DataModelOf data_models() const;
  /// What ChainVerifier and Authenticator go by.
  [[nodiscard]] security::TrustAnchors trust_anchors() const;
};

/// Could this program join? `incompatible_with_overlay` if the overlay uses ICE or a shared secret
/// (11.1), which the document may well do, but we cannot.
[[nodiscard]] Result<void> check_supported(const OverlayConfiguration& configuration);

}  // namespace carillon::config
