#pragma once

#include <vector>

#include "wire/ice_candidate.hpp"
#include "wire/identifiers.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.5.2.1.
struct AppAttachReq {
  static constexpr MessageCode code = MessageCode::app_attach_req;

  Bytes ufrag{};  ///< At most 255 octets, as `password` and `role`.
  Bytes password{};
  ApplicationId application{};
  Bytes role{};
  std::vector<IceCandidate> candidates{};

  [[nodiscard]] static AppAttachReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const AppAttachReq&, const AppAttachReq&) = default;
};

/// RFC 6940, 6.5.2.2. The same fields.
struct AppAttachAns {
  static constexpr MessageCode code = MessageCode::app_attach_ans;

  Bytes ufrag{};
  Bytes password{};
  ApplicationId application{};
  Bytes role{};
  std::vector<IceCandidate> candidates{};

  [[nodiscard]] static AppAttachAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const AppAttachAns&, const AppAttachAns&) = default;
};

}  // namespace carillon::wire
