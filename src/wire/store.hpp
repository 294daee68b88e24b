#pragma once

#include <cstdint>
#include <vector>

#include "wire/message_code.hpp"
#include "wire/stored_data.hpp"

namespace carillon::wire {

/// RFC 6940, 7.4.1.1.
struct StoreKindData {
  KindId kind{};
  std::uint64_t generation_counter{};  ///< What the sender expects; 0: whatever it is.
  std::vector<StoredData> values{};

  [[nodiscard]] static StoreKindData decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StoreKindData&, const StoreKindData&) = default;
};

/// RFC 6940, 7.4.1.1. `decode` refuses a Kind that appears twice.
struct StoreReq {
  static constexpr MessageCode code = MessageCode::store_req;

  ResourceId resource{};
  std::uint8_t replica_number{};  ///< 0: the original.
  std::vector<StoreKindData> kind_data{};

  [[nodiscard]] static StoreReq decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StoreReq&, const StoreReq&) = default;
};

/// RFC 6940, 7.4.1.2.
struct StoreKindResponse {
  KindId kind{};
  std::uint64_t generation_counter{};
  std::vector<NodeId> replicas{};

  [[nodiscard]] static StoreKindResponse decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const StoreKindResponse&, const StoreKindResponse&) = default;
};

struct StoreAns {
  static constexpr MessageCode code = MessageCode::store_ans;

  std::vector<StoreKindResponse> kind_responses{};

  [[nodiscard]] static StoreAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const StoreAns&, const StoreAns&) = default;
};

}  // namespace carillon::wire
