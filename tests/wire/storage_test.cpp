// The messages of RFC 6940, 7.
#include <gtest/gtest.h>

#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/golden_check.hpp"
#include "wire/stat.hpp"
#include "wire/store.hpp"

namespace carillon::wire {
namespace {

using testing::expect_golden;
using testing::golden;
using testing::node;
using testing::resource;

constexpr std::uint64_t time_1 = 0x0000019000000000;
constexpr KindId unknown_kind{0xf0abcdef};

const DataModelOf models = well_known_data_model;

Signature signature() {
  return decode_whole<Signature>(golden("signature")).value();
}

Bytes node_key() {
  return Bytes(16, 0x11);
}

StoredData dictionary_value() {
  return {time_1,
          3600,
          {DictionaryEntry{node_key(), {true, golden("sip_registration_route")}}},
          signature(),
          {}};
}

MetaData meta_data() {
  return {true, 25, HashAlgorithm::sha256, Bytes(32, 0xcc)};
}

TEST(Golden, StoreReq) {
  const StoredData single{time_1, 3600, {DataValue{true, golden("turn_server")}}, signature(), {}};
  const StoredData appended{time_1,
                            3600,
                            {ArrayEntry{ArrayEntry::append, {true, golden("certificate")}}},
                            signature(),
                            {}};
  const StoredData removed{time_1 + 1,
                           3601,
                           {ArrayEntry{2, {false, {}}}},
                           decode_whole<Signature>(golden("signature_cert_hash_node_id")).value(),
                           {}};
  expect_golden("store_req",
                StoreReq{resource(),
                         0,
                         {{KindId::sip_registration, 5, {dictionary_value()}},
                          {KindId::turn_service, 0, {single}},
                          {KindId::certificate_by_node, 7, {appended, removed}}}},
                models);
}

TEST(Golden, StoreReqOfAnUnknownKind) {
  const StoredData data{time_1, 3600, {}, {}, Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}};
  expect_golden("store_req_unknown_kind", StoreReq{resource(), 1, {{unknown_kind, 9, {data}}}},
                models);
}

TEST(Golden, StoreAns) {
  expect_golden("store_ans", StoreAns{{{KindId::sip_registration, 6, {node(2), node(3)}},
                                       {KindId::turn_service, 1, {}}}});
}

TEST(Golden, FetchReq) {
  expect_golden("fetch_req",
                FetchReq{resource(),
                         {{KindId::sip_registration, 5, DictionarySpecifier{{node_key()}}},
                          {KindId::turn_service, 0, SingleValueSpecifier{}},
                          {KindId::certificate_by_node, 0,
                           ArraySpecifier{{{0, 3}, {5, ArrayRange::final_element}}}}}},
                models);
  expect_golden("fetch_req_unknown_kind",
                FetchReq{resource(), {{unknown_kind, 0, UnknownSpecifier{{0xaa, 0xbb, 0xcc}}}}},
                models);
}

TEST(Golden, FetchAns) {
  expect_golden("fetch_ans",
                FetchAns{{{KindId::sip_registration, 6, {dictionary_value()}},
                          {KindId::turn_service, 0, {StoredData{}}}}},
                models);
}

TEST(Golden, Stat) {
  expect_golden("stat_req",
                StatReq{resource(), {{KindId::turn_service, 0, SingleValueSpecifier{}}}}, models);
  expect_golden(
      "stat_ans",
      StatAns{{{KindId::sip_registration,
                6,
                {{time_1, 3600, DictionaryEntryMeta{node_key(), meta_data()}}}},
               {KindId::turn_service, 1, {{time_1, 3600, meta_data()}}},
               {KindId::certificate_by_node, 2, {{time_1, 3600, ArrayEntryMeta{1, meta_data()}}}}}},
      models);
}

TEST(Golden, Find) {
  expect_golden("find_req", FindReq{resource(), {KindId::sip_registration, KindId::turn_service}});
  expect_golden("find_ans", FindAns{{{KindId::sip_registration, resource()},
                                     {KindId::turn_service, ResourceId{Bytes(16, 0)}}}});
}

TEST(StatAns, OfAnUnknownKindSurvives) {
  const DataModelOf none = [](KindId) { return std::optional<DataModel>{}; };
  for (const char* name : {"stat_ans", "fetch_ans"}) {
    const Bytes octets = golden(name);
    const Bytes again = name == std::string{"stat_ans"}
                            ? encode(decode_whole<StatAns>(octets, none).value())
                            : encode(decode_whole<FetchAns>(octets, none).value());
    EXPECT_EQ(again, octets);
  }
}

TEST(StoredDataValue, AnArrayIndexIsNotSigned) {
  const StoredDataValue value{ArrayEntry{7, {true, {0xca, 0xfe}}}};
  Writer writer;
  writer.u8(0x55);
  value.encode_for_signature(writer);
  EXPECT_EQ(to_hex(writer.view()),
            "55"
            "00000000"
            "01"
            "00000002"
            "cafe");
  EXPECT_EQ(to_hex(encode(value)),
            "00000007"
            "01"
            "00000002"
            "cafe");
  const StoredDataValue entry{DictionaryEntry{{9}, {true, {}}}};
  Writer other;
  entry.encode_for_signature(other);
  EXPECT_EQ(other.view().size(), encode(entry).size());
  EXPECT_EQ(to_hex(other.view()), to_hex(encode(entry)));
}

TEST(StoreReq, RefusesAKindTwice) {
  const StoreReq request{
      resource(), 0, {{KindId{1}, 0, {}}, {KindId{2}, 0, {}}, {KindId{1}, 0, {}}}};
  const auto decoded = decode_whole<StoreReq>(encode(request), models);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().where, "StoreReq.kind_data");
}

TEST(FindReq, RefusesAKindTwice) {
  const FindReq request{resource(), {KindId{1}, KindId{2}, KindId{1}}};
  EXPECT_FALSE(decode_whole<FindReq>(encode(request)).has_value());
}

StoredDataSpecifier ranges(std::vector<ArrayRange> indices) {
  return {KindId::certificate_by_node, 0, ArraySpecifier{std::move(indices)}};
}

TEST(ArrayRange, MustBeInOrderAndNotOverlap) {
  const auto accepted = [](const StoredDataSpecifier& specifier) {
    return decode_whole<StoredDataSpecifier>(encode(specifier), models).has_value();
  };
  EXPECT_TRUE(accepted(ranges({{5, 5}, {0, 4}, {6, ArrayRange::final_element}})));
  EXPECT_FALSE(accepted(ranges({{5, 4}})));
  EXPECT_FALSE(accepted(ranges({{0, 4}, {4, 5}})));
  EXPECT_FALSE(accepted(ranges({{4, 5}, {0, ArrayRange::final_element}})));
  EXPECT_TRUE(accepted(ranges({}))) << "nothing is asked for";
}

TEST(StoredDataSpecifier, ForAllThatIsThere) {
  EXPECT_EQ(to_hex(encode(StoredDataSpecifier::all(KindId{1}, DataModel::single_value))),
            "00000001"
            "0000000000000000"
            "0000");
  EXPECT_EQ(to_hex(encode(StoredDataSpecifier::all(KindId{1}, DataModel::array, 2))),
            "00000001"
            "0000000000000002"
            "000a"
            "0008"
            "00000000ffffffff");
  EXPECT_EQ(to_hex(encode(StoredDataSpecifier::all(KindId{1}, DataModel::dictionary))),
            "00000001"
            "0000000000000000"
            "0002"
            "0000");
}

TEST(ResourceId, HasAtMost254Octets) {
  EXPECT_TRUE(decode_whole<FindReq>(encode(FindReq{ResourceId{Bytes(254, 1)}, {}})).has_value());
  EXPECT_FALSE(decode_whole<FindReq>(encode(FindReq{ResourceId{Bytes(255, 1)}, {}})).has_value());
}

TEST(DataModel, Names) {
  EXPECT_EQ(to_string(DataModel::single_value), "SINGLE");
  EXPECT_EQ(data_model_from_string("ARRAY"), DataModel::array);
  EXPECT_EQ(data_model_from_string("DICTIONARY"), DataModel::dictionary);
  EXPECT_EQ(data_model_from_string("array"), std::nullopt);
  EXPECT_EQ(well_known_data_model(unknown_kind), std::nullopt);
}

}  // namespace
}  // namespace carillon::wire
