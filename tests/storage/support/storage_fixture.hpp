#pragma once

#include <gmock/gmock.h>

#include "storage/memory_backend.hpp"
#include "storage/storage.hpp"

namespace carillon::storage::test {

inline constexpr KindId single_kind{0xf0001001};
inline constexpr KindId array_kind{0xf0001002};
inline constexpr KindId dictionary_kind{0xf0001003};
inline constexpr KindId unknown_kind{0xf0001fff};

inline constexpr WallTime start_time{milliseconds{1'700'000'000'000}};

inline Now at(milliseconds since_start) {
  return {MonotonicTime{since_start}, start_time + since_start};
}

inline NodeId node(std::uint8_t number) {
  NodeId::Octets octets{};
  octets.fill(number);
  return NodeId{octets};
}

inline ResourceId place(std::uint8_t first_octet, std::uint8_t last_octet = 0) {
  Bytes octets(16, 0);
  octets.front() = first_octet;
  octets.back() = last_octet;
  return ResourceId{octets};
}

/// Three Kinds, one a data model, that anybody may write unless a test says otherwise.
inline KindTable kinds(const std::string& access_control = "ANYBODY") {
  KindTable table;
  table.add(single_kind, {wire::DataModel::single_value, access_control, 1, 100});
  table.add(array_kind, {wire::DataModel::array, access_control, 4, 100});
  table.add(dictionary_kind, {wire::DataModel::dictionary, access_control, 4, 100});
  return table;
}

inline AccessPolicies policies() {
  auto all = AccessPolicies::standard();
  all.add("ANYBODY", [](const AccessQuestion&) { return true; });
  return all;
}

/// Signatures that say in plain text who signed: "user/hex of the node"; "forged" never verifies.
class PlainVerifier final : public ValueVerifier {
 public:
  Result<Signer> verify(const ResourceId&, KindId, const wire::StoredData& data, Now) override {
    ++verified;
    const std::string text{as_text(data.signature.signature_value)};
    const auto slash = text.find('/');
    if (slash == std::string::npos) return fail(ErrorCode::bad_signature, "test", "forged");
    Signer signer{text.substr(0, slash), *NodeId::from_hex(text.substr(slash + 1)), {}};
    if (const auto chain = chains.find(signer.user_name); chain != chains.end()) {
      signer.chain = chain->second;
    }
    return signer;
  }

  std::map<std::string, std::shared_ptr<const security::VerifiedChain>> chains;
  int verified{0};
};

inline wire::Signature signature_of(const std::string& user, const NodeId& node_id) {
  const auto text = user + "/" + node_id.to_hex();
  const auto digest = sha256(as_bytes(text));
  return {{wire::HashAlgorithm::sha256, wire::SignatureAlgorithm::ecdsa},
          {wire::CertHash{wire::HashAlgorithm::sha256, {digest.begin(), digest.end()}}},
          to_bytes(as_bytes(text))};
}

struct ValueSpec {
  std::string user{"alice@example.org"};
  NodeId node_id{node(1)};
  std::uint64_t time_ms{0};  ///< After `start_time`.
  std::uint32_t lifetime_s{3600};
};

inline wire::StoredData stored(wire::StoredDataValue value, const ValueSpec& spec) {
  return {to_milliseconds(start_time) + spec.time_ms, spec.lifetime_s, std::move(value),
          signature_of(spec.user, spec.node_id), std::nullopt};
}
inline wire::DataValue data_value(std::string_view text) {
  return {true, to_bytes(as_bytes(text))};
}
inline wire::StoredData single(std::string_view text, const ValueSpec& spec = {}) {
  return stored({data_value(text)}, spec);
}
inline wire::StoredData element(std::uint32_t index, std::string_view text,
                                const ValueSpec& spec = {}) {
  return stored({wire::ArrayEntry{index, data_value(text)}}, spec);
}
inline wire::StoredData entry(std::string_view key, std::string_view text,
                              const ValueSpec& spec = {}) {
  return stored({wire::DictionaryEntry{to_bytes(as_bytes(key)), data_value(text)}}, spec);
}
/// The same position, marked as removed.
inline wire::StoredData removed(wire::StoredData data) {
  data.value.data_value() = {};
  return data;
}

class StorageTest : public testing::Test {
 protected:
  StorageTest() { EXPECT_TRUE(storage.open()); }

  StoreContext context(Now now, std::string user = "alice@example.org") {
    return {now, verifier, {std::move(user), node(1), {}}};
  }
  static wire::StoreReq request(KindId kind, std::vector<wire::StoredData> values,
                                std::uint64_t generation = 0, std::uint8_t replica = 0) {
    return {place(0x10), replica, {{kind, generation, std::move(values)}}};
  }
  Answer<StoreOutcome> store(KindId kind, std::vector<wire::StoredData> values, Now now = at({}),
                             std::uint64_t generation = 0) {
    return storage.store(request(kind, std::move(values), generation), context(now));
  }
  /// All that a wildcard Fetch of one Kind finds.
  std::vector<wire::StoredData> fetch(KindId kind, Now now = at({}),
                                      const ResourceId& resource = place(0x10)) {
    auto answer = storage.fetch({resource, {all_of(kind)}}, now);
    EXPECT_TRUE(answer) << answer.error().error.message();
    return answer ? answer->content.kind_responses.at(0).values : std::vector<wire::StoredData>{};
  }
  wire::StoredDataSpecifier all_of(KindId kind, std::uint64_t generation = 0) {
    return wire::StoredDataSpecifier::all(kind, *storage.kinds().data_model(kind), generation);
  }
  std::vector<std::string> texts(KindId kind, Now now = at({})) {
    std::vector<std::string> found;
    for (const auto& data : fetch(kind, now)) {
      const auto& value = data.value.data_value();
      found.push_back(value.exists ? std::string{as_text(value.value)} : "-");
    }
    return found;
  }
  /// Of what one holds in an interval.
  static std::vector<ResourceDigest> digests_of(Storage& one, const RingInterval& interval) {
    constexpr std::size_t many = 1'000;
    return one.digests(interval, std::nullopt, many, at({}))->resources;
  }
  static ErrorCode code_of(const Answer<StoreOutcome>& answer) {
    return answer ? ErrorCode::invalid_argument : answer.error().error.code;
  }

  MemoryBackend backend;
  std::vector<Notice> notices;
  Storage storage{backend, kinds(), policies(), {}, [this](Notice notice) {
                    notices.push_back(std::move(notice));
                  }};
  PlainVerifier verifier;
};

}  // namespace carillon::storage::test
