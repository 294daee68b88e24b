#pragma once

#include <cstdint>
#include <vector>

#include "wire/message_code.hpp"
#include "wire/meta_data.hpp"
#include "wire/stored_data_specifier.hpp"

namespace carillon::wire {

/// RFC 6940, 7.4.3.1.
struct StatReq {
  static constexpr MessageCode code = MessageCode::stat_req;

  ResourceId resource{};
  std::vector<StoredDataSpecifier> specifiers{};

  [[nodiscard]] static StatReq decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StatReq&, const StatReq&) = default;
};

/// RFC 6940, 7.4.3.2.
struct StatKindResponse {
  KindId kind{};
  std::uint64_t generation{};
  std::vector<StoredMetaData> values{};

  [[nodiscard]] static StatKindResponse decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StatKindResponse&, const StatKindResponse&) = default;
};

struct StatAns {
  static constexpr MessageCode code = MessageCode::stat_ans;

  std::vector<StatKindResponse> kind_responses{};

  [[nodiscard]] static StatAns decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StatAns&, const StatAns&) = default;
};

}  // namespace carillon::wire
