#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

enum class ConfigUpdateType : std::uint8_t { invalid_config_update_type = 0, config = 1, kind = 2 };

/// A whole overlay configuration document, below 2^24 octets.
struct ConfigUpdateConfig {
  Bytes config_data{};
  friend bool operator==(const ConfigUpdateConfig&, const ConfigUpdateConfig&) = default;
};

/// Kind definitions: each the XML of a kind-block.
struct ConfigUpdateKind {
  std::vector<Bytes> kinds{};
  friend bool operator==(const ConfigUpdateKind&, const ConfigUpdateKind&) = default;
};

/// An update of a type that we don't know; kept as it came.
struct ConfigUpdateUnknown {
  ConfigUpdateType type{};
  Bytes octets{};
  friend bool operator==(const ConfigUpdateUnknown&, const ConfigUpdateUnknown&) = default;
};

/// RFC 6940, 6.5.4.1.
struct ConfigUpdateReq {
  static constexpr MessageCode code = MessageCode::config_update_req;

  std::variant<ConfigUpdateConfig, ConfigUpdateKind, ConfigUpdateUnknown> update{};

  [[nodiscard]] ConfigUpdateType type() const;
  [[nodiscard]] static ConfigUpdateReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ConfigUpdateReq&, const ConfigUpdateReq&) = default;
};

/// Empty.
struct ConfigUpdateAns {
  static constexpr MessageCode code = MessageCode::config_update_ans;

  [[nodiscard]] static ConfigUpdateAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ConfigUpdateAns&, const ConfigUpdateAns&) = default;
};

}  // namespace carillon::wire
