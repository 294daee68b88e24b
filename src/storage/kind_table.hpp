#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/overlay_configuration.hpp"

namespace carillon::storage {

/// What the overlay configuration says of a Kind (RFC 6940, 7.4.5 and 11.1).
struct KindRules {
  wire::DataModel data_model{};
  std::string access_control{};        ///< A policy's name, e.g. "USER-NODE-MATCH" (7.3).
  std::uint32_t max_count{1};          ///< Values that exist; removed ones don't count.
  std::uint32_t max_size{0};           ///< Octets of one value.
  std::uint32_t max_node_multiple{0};  ///< The largest i of NODE-MULTIPLE (7.3.4).
  /// A further condition on the signer's user name, e.g. the domains that may be registered
  /// (RFC 7904, 3.3); may be empty.
  std::function<bool(std::string_view user_name)> accepts_user{};
};

/// The Kinds that may be stored.
class KindTable {
 public:
  KindTable() = default;
  /// The required-kinds of a configuration document.
  explicit KindTable(const config::OverlayConfiguration& configuration);

  KindTable& add(KindId kind, KindRules rules) {
    rules_.insert_or_assign(kind, std::move(rules));
    return *this;
  }
  /// Null: the Kind is unknown.
  [[nodiscard]] const KindRules* find(KindId kind) const {
    const auto found = rules_.find(kind);
    return found == rules_.end() ? nullptr : &found->second;
  }
  /// In the form that wire's decoders want.
  [[nodiscard]] std::optional<wire::DataModel> data_model(KindId kind) const {
    const auto* rules = find(kind);
    return rules == nullptr ? std::nullopt : std::optional{rules->data_model};
  }

 private:
  std::map<KindId, KindRules> rules_;
};

}  // namespace carillon::storage
