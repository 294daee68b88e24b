#pragma once

#include <vector>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 7.4.4.1. `decode` refuses a Kind that appears twice.
struct FindReq {
  static constexpr MessageCode code = MessageCode::find_req;

  ResourceId resource{};
  std::vector<KindId> kinds{};  ///< At most 63.

  [[nodiscard]] static FindReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const FindReq&, const FindReq&) = default;
};

/// RFC 6940, 7.4.4.2.
struct FindKindData {
  KindId kind{};
  ResourceId closest{};  ///< All zeros: none is known.

  [[nodiscard]] static FindKindData decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const FindKindData&, const FindKindData&) = default;
};

struct FindAns {
  static constexpr MessageCode code = MessageCode::find_ans;

  std::vector<FindKindData> results{};

  [[nodiscard]] static FindAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const FindAns&, const FindAns&) = default;
};

}  // namespace carillon::wire
