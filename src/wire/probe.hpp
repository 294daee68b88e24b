#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.4.2.5.1 and 14.13.
enum class ProbeInformationType : std::uint8_t {
  invalid_probe_option = 0,
  responsible_set = 1,  ///< Parts per billion of the overlay.
  num_resources = 2,    ///< Resource-IDs with stored data.
  uptime = 3,           ///< Seconds.
  exp_probe = 4,
};

/// The registry's name; empty for a number that is not assigned.
[[nodiscard]] std::string_view to_string(ProbeInformationType type);

struct ProbeReq {
  static constexpr MessageCode code = MessageCode::probe_req;

  std::vector<ProbeInformationType> requested_info{};  ///< At most 255.

  [[nodiscard]] static ProbeReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ProbeReq&, const ProbeReq&) = default;
};

/// RFC 6940, 6.4.2.5.2. The three types of the RFC are numbers; others are kept as octets.
struct ProbeInformation {
  ProbeInformationType type{};
  std::variant<std::uint32_t, Bytes> value{};

  [[nodiscard]] static ProbeInformation decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ProbeInformation&, const ProbeInformation&) = default;
};

struct ProbeAns {
  static constexpr MessageCode code = MessageCode::probe_ans;

  std::vector<ProbeInformation> probe_info{};

  [[nodiscard]] static ProbeAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ProbeAns&, const ProbeAns&) = default;
};

}  // namespace carillon::wire
