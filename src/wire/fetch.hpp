#pragma once

#include <cstdint>
#include <vector>

#include "wire/message_code.hpp"
#include "wire/stored_data.hpp"
#include "wire/stored_data_specifier.hpp"

namespace carillon::wire {

/// RFC 6940, 7.4.2.1.
struct FetchReq {
  static constexpr MessageCode code = MessageCode::fetch_req;

  ResourceId resource{};
  std::vector<StoredDataSpecifier> specifiers{};

  [[nodiscard]] static FetchReq decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const FetchReq&, const FetchReq&) = default;
};

/// RFC 6940, 7.4.2.2.
struct FetchKindResponse {
  KindId kind{};
  std::uint64_t generation{};
  std::vector<StoredData> values{};

  [[nodiscard]] static FetchKindResponse decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const FetchKindResponse&, const FetchKindResponse&) = default;
};

struct FetchAns {
  static constexpr MessageCode code = MessageCode::fetch_ans;

  std::vector<FetchKindResponse> kind_responses{};

  [[nodiscard]] static FetchAns decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const FetchAns&, const FetchAns&) = default;
};

}  // namespace carillon::wire
