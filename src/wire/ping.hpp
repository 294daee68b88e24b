#pragma once

#include <cstdint>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.5.3.1.
struct PingReq {
  static constexpr MessageCode code = MessageCode::ping_req;

  Bytes padding{};  ///< At most 65535 octets that mean nothing.

  [[nodiscard]] static PingReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const PingReq&, const PingReq&) = default;
};

/// RFC 6940, 6.5.3.2.
struct PingAns {
  static constexpr MessageCode code = MessageCode::ping_ans;

  std::uint64_t response_id{};  ///< Random.
  std::uint64_t time{};         ///< Milliseconds since the Unix epoch.

  [[nodiscard]] static PingAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const PingAns&, const PingAns&) = default;
};

}  // namespace carillon::wire
