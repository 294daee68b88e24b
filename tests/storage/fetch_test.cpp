// Fetch, Stat and Find (RFC 6940, 7.4.2 to 7.4.4).
#include "storage/support/storage_fixture.hpp"
#include "wire/error_response.hpp"

namespace carillon::storage::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FetchTest : public StorageTest {
 protected:
  std::vector<std::string> range(std::vector<wire::ArrayRange> ranges) {
    const auto answer = storage.fetch(
        {place(0x10), {{array_kind, 0, wire::ArraySpecifier{std::move(ranges)}}}}, at({}));
    std::vector<std::string> found;
    for (const auto& data : answer->content.kind_responses.at(0).values) {
      const auto& entry = std::get<wire::ArrayEntry>(data.value.entry);
      found.push_back(std::to_string(entry.index) + ":" + std::string{as_text(entry.value.value)});
      EXPECT_EQ(entry.value.exists, !data.signature.is_empty());
    }
    return found;
  }
};

TEST_F(FetchTest, NothingIsMadeUpIntoASyntheticSingleValue) {
  const auto found = fetch(single_kind);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].value.data_value().exists);
  EXPECT_TRUE(found[0].signature.is_empty());
  EXPECT_EQ(found[0].storage_time, 0U);
}

TEST_F(FetchTest, ArrayRangesIncludeBothEndsAndTheirGaps) {
  ASSERT_TRUE(store(array_kind, {element(1, "b"), element(3, "d"), element(6, "g")}));
  EXPECT_THAT(range({{0, 2}}), ElementsAre("0:", "1:b", "2:"));
  EXPECT_THAT(range({{3, 3}, {5, 7}}), ElementsAre("3:d", "5:", "6:g", "7:"));
  EXPECT_THAT(range({{5, wire::ArrayRange::final_element}}), ElementsAre("5:", "6:g"));
  constexpr auto final_element = wire::ArrayRange::final_element;
  EXPECT_THAT(range({{final_element, final_element}}), ElementsAre("6:g")) << "the last one";
  EXPECT_THAT(range({}), IsEmpty());
}

TEST_F(FetchTest, HugeGapsAreFilledInOnlySoFar) {
  ASSERT_TRUE(store(array_kind, {element(0xfffffffe, "far")}));
  const auto found = range({{0, wire::ArrayRange::final_element}});
  EXPECT_EQ(found.size(), Storage::max_synthesized + 1);
  EXPECT_EQ(found.back(), "4294967294:far");
}

TEST_F(FetchTest, NamedKeysAreAnsweredInTheirOrder) {
  ASSERT_TRUE(store(dictionary_kind, {entry("a", "1"), entry("b", "2")}));
  const auto answer = storage.fetch(
      {place(0x10),
       {{dictionary_kind, 0,
         wire::DictionarySpecifier{{to_bytes(as_bytes("b")), to_bytes(as_bytes("none"))}}}}},
      at({}));
  ASSERT_TRUE(answer);
  const auto& values = answer->content.kind_responses.at(0).values;
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(as_text(values[0].value.data_value().value), "2");
  EXPECT_FALSE(values[1].value.data_value().exists);
  EXPECT_EQ(std::get<wire::DictionaryEntry>(values[1].value.entry).key, to_bytes(as_bytes("none")));
}

TEST_F(FetchTest, NoValuesIfTheReaderKnowsTheCounter) {
  const auto outcome = store(single_kind, {single("one")});
  ASSERT_TRUE(outcome);
  const auto counter = outcome->answer.kind_responses.at(0).generation_counter;
  const auto known = storage.fetch({place(0x10), {all_of(single_kind, counter)}}, at({}));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->content.kind_responses.at(0).generation, counter);
  EXPECT_THAT(known->content.kind_responses.at(0).values, IsEmpty());
  const auto other = storage.fetch({place(0x10), {all_of(single_kind, counter - 1)}}, at({}));
  EXPECT_EQ(other->content.kind_responses.at(0).values.size(), 1U);
}

TEST_F(FetchTest, LifetimesAreWhatRemains) {
  ASSERT_TRUE(store(single_kind, {single("one", {.lifetime_s = 100})}));
  EXPECT_EQ(fetch(single_kind, at(seconds{30})).at(0).lifetime, 70U);
  EXPECT_EQ(fetch(single_kind, at(milliseconds{99'500})).at(0).lifetime, 0U);
  EXPECT_FALSE(fetch(single_kind, at(seconds{100})).at(0).value.data_value().exists);
}

TEST_F(FetchTest, UnknownKindsAndWrongSpecifiersAreRefused) {
  const auto unknown = storage.fetch({place(0x10), {{unknown_kind, 0, {}}}}, at({}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().error.code, ErrorCode::unknown_kind);
  EXPECT_THAT(wire::decode_whole<wire::UnknownKinds>(unknown.error().error_info)->unknown_kinds,
              ElementsAre(unknown_kind));
  const auto wrong =
      storage.fetch({place(0x10), {{single_kind, 0, wire::DictionarySpecifier{}}}}, at({}));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().error.code, ErrorCode::invalid_message);
}

TEST_F(FetchTest, StatDigestsTheValueWithItsLength) {
  ASSERT_TRUE(store(dictionary_kind, {entry("a", "abc")}));
  const auto answer =
      storage.stat({place(0x10), {all_of(dictionary_kind), all_of(single_kind)}}, at(seconds{600}));
  ASSERT_TRUE(answer);
  const auto& stat = answer->kind_responses.at(0).values.at(0);
  EXPECT_EQ(stat.lifetime, 3000U);
  EXPECT_EQ(stat.storage_time, to_milliseconds(start_time));
  const auto& meta = std::get<wire::DictionaryEntryMeta>(stat.metadata).value;
  EXPECT_TRUE(meta.exists);
  EXPECT_EQ(meta.value_length, 3U);
  EXPECT_EQ(meta.hash_algorithm, wire::HashAlgorithm::sha256);
  const auto digest = sha256(Bytes{0, 0, 0, 3, 'a', 'b', 'c'});
  EXPECT_THAT(meta.hash_value, testing::ElementsAreArray(digest));
  const auto& absent = std::get<wire::MetaData>(answer->kind_responses.at(1).values.at(0).metadata);
  EXPECT_FALSE(absent.exists);
  EXPECT_EQ(absent.hash_algorithm, wire::HashAlgorithm::none);
}

class FindTest : public StorageTest {
 protected:
  void put(const ResourceId& where, KindId kind = single_kind, std::uint32_t lifetime_s = 3600) {
    ASSERT_TRUE(storage.store({where, 0, {{kind, 0, {single("x", {.lifetime_s = lifetime_s})}}}},
                              context(at({}))));
  }
  ResourceId find(const ResourceId& from, const RingInterval& within = RingInterval::whole(),
                  Now now = at({})) {
    const auto answer = storage.find({from, {single_kind}}, within, now);
    EXPECT_TRUE(answer);
    return answer->results.at(0).closest;
  }
  const ResourceId nowhere{NodeId{}};
};

TEST_F(FindTest, TheNextClockwiseItselfIncluded) {
  put(place(0x20));
  put(place(0x40));
  EXPECT_EQ(find(place(0x10)), place(0x20));
  EXPECT_EQ(find(place(0x20)), place(0x20));
  EXPECT_EQ(find(place(0x20, 1)), place(0x40));
  EXPECT_EQ(find(place(0x40, 1)), place(0x20)) << "round the ring";
}

TEST_F(FindTest, OnlyWithinTheInterval) {
  put(place(0x20));
  put(place(0x40));
  const RingInterval interval{node(0x30), node(0x50)};
  EXPECT_EQ(find(place(0x10), interval), place(0x40));
  EXPECT_EQ(find(place(0x41), interval), place(0x40)) << "before it, for want of others";
  EXPECT_EQ(find(place(0x31), {node(0x50), node(0x10)}), nowhere);
}

TEST_F(FindTest, NotWhatWasRemovedOrHasExpired) {
  ASSERT_TRUE(
      storage.store({place(0x20), 0, {{single_kind, 0, {removed(single(""))}}}}, context(at({}))));
  put(place(0x30), single_kind, 60);
  put(place(0x40));
  EXPECT_EQ(find(place(0x10)), place(0x30));
  EXPECT_EQ(find(place(0x10), RingInterval::whole(), at(seconds{61})), place(0x40));
}

TEST_F(FindTest, PastManyThatAreGone) {
  for (std::uint8_t i = 0; i < 100; ++i) {
    put(place(0x20, i), single_kind, 1);
  }
  put(place(0x20, 200));
  EXPECT_EQ(find(place(0x10), RingInterval::whole(), at(seconds{2})), place(0x20, 200));
}

TEST_F(FindTest, KindsAreApart) {
  ASSERT_TRUE(
      storage.store({place(0x20), 0, {{array_kind, 0, {element(0, "x")}}}}, context(at({}))));
  const auto answer = storage.find({place(0x10), {single_kind, array_kind, unknown_kind}},
                                   RingInterval::whole(), at({}));
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->results, ElementsAre(wire::FindKindData{single_kind, nowhere},
                                           wire::FindKindData{array_kind, place(0x20)},
                                           wire::FindKindData{unknown_kind, nowhere}));
}

}  // namespace
}  // namespace carillon::storage::test
