// What a Store does, and what it refuses (RFC 6940, 7.4.1).
#include "storage/support/storage_fixture.hpp"
#include "wire/error_response.hpp"

namespace carillon::storage::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StorageTest, KeepsASingleValueAndReplacesIt) {
  ASSERT_TRUE(store(single_kind, {single("one")}));
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
  ASSERT_TRUE(store(single_kind, {single("two", {.time_ms = 1})}));
  EXPECT_THAT(texts(single_kind), ElementsAre("two"));
}

TEST_F(StorageTest, PutsArrayElementsAtTheirIndices) {
  ASSERT_TRUE(store(array_kind, {element(2, "two")}));
  EXPECT_THAT(texts(array_kind), ElementsAre("-", "-", "two"));
  ASSERT_TRUE(store(array_kind, {element(0, "zero"), element(2, "deux", {.time_ms = 1})}));
  EXPECT_THAT(texts(array_kind), ElementsAre("zero", "-", "deux"));
}

TEST_F(StorageTest, AppendsAtTheEndOfAnArray) {
  constexpr auto append = wire::ArrayEntry::append;
  ASSERT_TRUE(store(array_kind, {element(append, "a"), element(append, "b")}));
  auto outcome = store(array_kind, {element(append, "c")});
  ASSERT_TRUE(outcome);
  EXPECT_THAT(texts(array_kind), ElementsAre("a", "b", "c"));
  const auto& applied = outcome->applied.kind_data.at(0).values.at(0);
  EXPECT_EQ(std::get<wire::ArrayEntry>(applied.value.entry).index, 2U);
}

TEST_F(StorageTest, AnAppendThatIsRepeatedAppendsOnce) {
  const auto value = element(wire::ArrayEntry::append, "a");
  ASSERT_TRUE(store(array_kind, {value}));
  auto repeated = store(array_kind, {value});
  ASSERT_TRUE(repeated);
  EXPECT_FALSE(repeated->changed);
  EXPECT_THAT(texts(array_kind), ElementsAre("a"));
}

TEST_F(StorageTest, AnArrayThatIsAsLongAsArraysGetTakesNoMore) {
  ASSERT_TRUE(store(array_kind, {element(wire::ArrayEntry::append - 1, "last")}));
  EXPECT_EQ(code_of(store(array_kind, {element(wire::ArrayEntry::append, "x")})),
            ErrorCode::data_too_large);
}

TEST_F(StorageTest, KeepsDictionaryEntriesByKey) {
  ASSERT_TRUE(store(dictionary_kind, {entry("b", "2"), entry("a", "1")}));
  ASSERT_TRUE(store(dictionary_kind, {entry("b", "zwei", {.time_ms = 1})}));
  EXPECT_THAT(texts(dictionary_kind), ElementsAre("1", "zwei"));
}

TEST_F(StorageTest, CountersGrowWithEachChangeAndNotWithARepetition) {
  const auto first = store(single_kind, {single("one")});
  ASSERT_TRUE(first);
  const auto counter = first->answer.kind_responses.at(0).generation_counter;
  EXPECT_GE(counter, 1U);
  const auto repeated = store(single_kind, {single("one")});
  ASSERT_TRUE(repeated);
  EXPECT_FALSE(repeated->changed);
  EXPECT_EQ(repeated->answer.kind_responses.at(0).generation_counter, counter);
  const auto second = store(single_kind, {single("two", {.time_ms = 1})}, at({}), counter);
  ASSERT_TRUE(second);
  EXPECT_GT(second->answer.kind_responses.at(0).generation_counter, counter);
}

TEST_F(StorageTest, AnotherCounterThanExpectedIsToldTheCurrentOnes) {
  const auto first = store(single_kind, {single("one")});
  ASSERT_TRUE(first);
  const auto counter = first->answer.kind_responses.at(0).generation_counter;
  for (const auto expected : {counter - 1, counter + 1}) {
    const auto refused = store(single_kind, {single("two", {.time_ms = 1})}, at({}), expected);
    ASSERT_EQ(code_of(refused), ErrorCode::generation_counter_too_low);
    const auto info = wire::decode_whole<wire::StoreAns>(refused.error().error_info);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->kind_responses.at(0).generation_counter, counter);
    EXPECT_THAT(info->kind_responses.at(0).replicas, IsEmpty());
  }
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
}

TEST_F(StorageTest, ACounterIsNotUsedAgainAfterAllHasExpired) {
  const auto first = store(single_kind, {single("one", {.lifetime_s = 1})});
  ASSERT_TRUE(first);
  ASSERT_TRUE(storage.expire(at(seconds{2}), 10));
  const auto second = store(single_kind, {single("two", {.time_ms = 2000})}, at(seconds{2}));
  ASSERT_TRUE(second);
  EXPECT_GT(second->answer.kind_responses.at(0).generation_counter,
            first->answer.kind_responses.at(0).generation_counter);
}

TEST_F(StorageTest, AStorageTimeThatIsNotNewerIsTooOld) {
  ASSERT_TRUE(store(single_kind, {single("one", {.time_ms = 5})}));
  EXPECT_EQ(code_of(store(single_kind, {single("two", {.time_ms = 5})})), ErrorCode::data_too_old);
  EXPECT_EQ(code_of(store(single_kind, {single("two", {.time_ms = 4})})), ErrorCode::data_too_old);
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
}

TEST_F(StorageTest, AStorageTimeFromTheFarFutureIsRefused) {
  EXPECT_TRUE(store(single_kind, {single("soon", {.time_ms = 14 * 60'000})}));
  EXPECT_EQ(code_of(store(single_kind, {single("later", {.time_ms = 16 * 60'000})})),
            ErrorCode::forbidden);
}

TEST_F(StorageTest, LimitsOfSizeAndCount) {
  EXPECT_TRUE(store(single_kind, {single(std::string(100, 'x'))}));
  EXPECT_EQ(code_of(store(single_kind, {single(std::string(101, 'x'), {.time_ms = 1})})),
            ErrorCode::data_too_large);
  ASSERT_TRUE(
      store(dictionary_kind, {entry("1", ""), entry("2", ""), entry("3", ""), entry("4", "")}));
  EXPECT_EQ(code_of(store(dictionary_kind, {entry("5", "")})), ErrorCode::data_too_large);
  EXPECT_TRUE(store(dictionary_kind, {entry("4", "new", {.time_ms = 1})}))
      << "replacing is not more";
  ASSERT_TRUE(store(dictionary_kind, {removed(entry("1", "", {.time_ms = 1}))}));
  EXPECT_TRUE(store(dictionary_kind, {entry("5", "")})) << "a removed value does not count";
}

TEST_F(StorageTest, RemovalsAreKeptForTheirLifetimeAndKeepOldValuesOut) {
  ASSERT_TRUE(store(dictionary_kind, {entry("a", "1", {.time_ms = 10})}));
  ASSERT_TRUE(store(dictionary_kind, {removed(entry("a", "", {.time_ms = 20, .lifetime_s = 60}))}));
  EXPECT_THAT(texts(dictionary_kind), ElementsAre("-"));
  EXPECT_FALSE(fetch(dictionary_kind).at(0).signature.is_empty());
  EXPECT_EQ(code_of(store(dictionary_kind, {entry("a", "1", {.time_ms = 15})})),
            ErrorCode::data_too_old);
  EXPECT_THAT(texts(dictionary_kind, at(seconds{61})), IsEmpty());
}

TEST_F(StorageTest, RemovalsAreBounded) {
  for (unsigned i = 0; i < Storage::max_removals + 10; ++i) {
    const auto key = std::to_string(1000 + i);
    ASSERT_TRUE(store(dictionary_kind, {removed(entry(key, "", {.lifetime_s = 100 + i}))}));
  }
  const auto left = fetch(dictionary_kind);
  ASSERT_EQ(left.size(), Storage::max_removals);
  EXPECT_EQ(std::get<wire::DictionaryEntry>(left.front().value.entry).key,
            to_bytes(as_bytes("1010")))
      << "those that expire first go first";
}

TEST_F(StorageTest, ARemovedValueHasNoOctets) {
  auto value = single("something");
  value.value.data_value().exists = false;
  EXPECT_EQ(code_of(store(single_kind, {value})), ErrorCode::invalid_message);
}

TEST_F(StorageTest, AllKindsAreStoredOrNone) {
  wire::StoreReq request{
      place(0x10),
      0,
      {{single_kind, 0, {single("one")}},
       {dictionary_kind, 0, {entry("a", "1"), entry("b", std::string(101, 'x'))}}}};
  EXPECT_EQ(code_of(storage.store(request, context(at({})))), ErrorCode::data_too_large);
  EXPECT_THAT(fetch(dictionary_kind), IsEmpty());
  EXPECT_THAT(texts(single_kind), ElementsAre("-"));
  request.kind_data[1].values.pop_back();
  ASSERT_TRUE(storage.store(request, context(at({}))));
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
  EXPECT_THAT(texts(dictionary_kind), ElementsAre("1"));
}

TEST_F(StorageTest, UnknownKindsAreNamed) {
  wire::StoreReq request{
      place(0x10), 0, {{single_kind, 0, {single("one")}}, {unknown_kind, 0, {single("x")}}}};
  const auto refused = storage.store(request, context(at({})));
  ASSERT_EQ(code_of(refused), ErrorCode::unknown_kind);
  const auto info = wire::decode_whole<wire::UnknownKinds>(refused.error().error_info);
  ASSERT_TRUE(info);
  EXPECT_THAT(info->unknown_kinds, ElementsAre(unknown_kind));
}

TEST_F(StorageTest, RefusesWhatIsMalformed) {
  const auto one = single("one");
  EXPECT_EQ(code_of(storage.store({ResourceId{Bytes(15, 1)}, 0, {{single_kind, 0, {one}}}},
                                  context(at({})))),
            ErrorCode::invalid_message);
  EXPECT_EQ(code_of(storage.store({place(1), 0, {{single_kind, 0, {one}}, {single_kind, 0, {one}}}},
                                  context(at({})))),
            ErrorCode::invalid_message);
  EXPECT_EQ(code_of(store(single_kind, {entry("a", "1")})), ErrorCode::invalid_message);
}

TEST_F(StorageTest, SignaturesMustBeThereAndVerify) {
  auto anonymous = single("one");
  anonymous.signature = {};
  EXPECT_EQ(code_of(store(single_kind, {anonymous})), ErrorCode::forbidden);
  auto forged = single("one");
  forged.signature.signature_value = to_bytes(as_bytes("forged"));
  EXPECT_EQ(code_of(store(single_kind, {forged})), ErrorCode::forbidden);
}

TEST_F(StorageTest, AValueThatIsStoredAlreadyIsNotVerifiedAgain) {
  ASSERT_TRUE(store(single_kind, {single("one")}));
  ASSERT_TRUE(store(single_kind, {single("one")}));
  EXPECT_EQ(verifier.verified, 1);
}

TEST_F(StorageTest, ReplicasTakeOverTheCounterWithoutLooking) {
  ASSERT_TRUE(store(single_kind, {single("one")}));
  auto outcome = storage.store(request(single_kind, {single("two", {.time_ms = 1})}, 7, 1),
                               context(at({}), "somebody else"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->answer.kind_responses.at(0).generation_counter, 7U);
  outcome =
      storage.store(request(single_kind, {single("two", {.time_ms = 1})}, 9, 1), context(at({})));
  ASSERT_TRUE(outcome) << "the same value with another counter";
  EXPECT_EQ(outcome->answer.kind_responses.at(0).generation_counter, 9U);
  EXPECT_EQ(code_of(storage.store(request(single_kind, {single("x", {.time_ms = 2})}, 0, 1),
                                  context(at({})))),
            ErrorCode::invalid_message);
}

TEST_F(StorageTest, AnAppliedRequestMakesTheSameAtAReplica) {
  ASSERT_TRUE(store(array_kind, {element(0, "a")}));
  auto outcome =
      store(array_kind, {element(wire::ArrayEntry::append, "b"), element(0, "A", {.time_ms = 1})});
  ASSERT_TRUE(outcome);
  MemoryBackend other_backend;
  Storage replica{other_backend, kinds(), policies()};
  ASSERT_TRUE(replica.open());
  outcome->applied.replica_number = 1;
  ASSERT_TRUE(replica.store(outcome->applied, context(at({}))));
  const auto ours = storage.resource(place(0x10), at({}));
  const auto theirs = replica.resource(place(0x10), at({}));
  ASSERT_TRUE(ours && theirs);
  EXPECT_EQ(ours->content, theirs->content);
}

TEST_F(StorageTest, MergingTakesWhatIsNewerValueByValue) {
  ASSERT_TRUE(store(dictionary_kind,
                    {entry("a", "old", {.time_ms = 1}), entry("b", "ours", {.time_ms = 9})}));
  auto forged = entry("d", "forged", {.time_ms = 9});
  forged.signature.signature_value.clear();
  const auto merged = storage.merge(
      request(dictionary_kind, {entry("a", "new", {.time_ms = 2}),
                                entry("b", "theirs", {.time_ms = 8}), entry("c", "more"), forged}),
      context(at({})));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->taken, 2U);
  EXPECT_EQ(merged->ours_newer, 1U);
  EXPECT_THAT(texts(dictionary_kind), ElementsAre("new", "ours", "more"));
}

TEST_F(StorageTest, MergingDecidesATieTheSameWayOnBothSides) {
  MemoryBackend other_backend;
  Storage other{other_backend, kinds(), policies()};
  ASSERT_TRUE(other.open());
  ASSERT_TRUE(store(single_kind, {single("one")}));
  ASSERT_TRUE(other.store(request(single_kind, {single("two")}), context(at({}))));
  const auto ours = storage.resource(place(0x10), at({}));
  const auto theirs = other.resource(place(0x10), at({}));
  ASSERT_TRUE(ours && theirs);
  ASSERT_TRUE(storage.merge(theirs->content, context(at({}))));
  ASSERT_TRUE(other.merge(ours->content, context(at({}))));
  EXPECT_EQ(digests_of(storage, RingInterval::whole()), digests_of(other, RingInterval::whole()));
}

TEST_F(StorageTest, AFullDiskIsToldAndChangesNothing) {
  ASSERT_TRUE(store(single_kind, {single("one")}));
  backend.set_capacity(backend.size_octets());
  EXPECT_EQ(code_of(store(dictionary_kind, {entry("a", "1")})), ErrorCode::disk_full);
  EXPECT_THAT(fetch(dictionary_kind), IsEmpty());
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
  EXPECT_EQ(notices.size(), 1U);
}

TEST_F(StorageTest, AFailedFlushForgetsWhatItShouldHaveKept) {
  ASSERT_TRUE(store(single_kind, {single("one")}));
  ASSERT_TRUE(storage.flush());
  ASSERT_TRUE(store(single_kind, {single("two", {.time_ms = 1})}));
  backend.fail_next_syncs(1);
  EXPECT_FALSE(storage.flush());
  EXPECT_THAT(texts(single_kind), ElementsAre("one"));
}

TEST_F(StorageTest, EveryDamagedOctetOfARecordIsAnErrorThatNamesTheResource) {
  ASSERT_TRUE(store(dictionary_kind, {entry("a", "1"), entry("b", "2")}));
  const auto key = keys::record(place(0x10), dictionary_kind);
  const auto size = (*backend.get(key))->size();
  for (std::size_t offset = 0; offset < size; ++offset) {
    ASSERT_TRUE(backend.damage(key, offset, 0x10));
    const auto refused = store(dictionary_kind, {entry("c", "3")});
    ASSERT_EQ(code_of(refused), ErrorCode::corrupt) << "offset " << offset;
    EXPECT_THAT(refused.error().error.message(), testing::HasSubstr(place(0x10).to_hex()));
    const auto fetched = storage.fetch({place(0x10), {all_of(dictionary_kind)}}, at({}));
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().error.code, ErrorCode::corrupt);
    ASSERT_TRUE(backend.damage(key, offset, 0x10));
  }
  EXPECT_THAT(texts(dictionary_kind), ElementsAre("1", "2"));
}

TEST_F(StorageTest, OpensOnlyWhatItWroteItself) {
  MemoryBackend foreign;
  WriteBatch batch;
  batch.put({1, 2, 3}, {4});
  ASSERT_TRUE(foreign.apply(std::move(batch)));
  const auto opened = Storage{foreign, kinds(), policies()}.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_TRUE((Storage{backend, kinds(), policies()}.open()));
  ASSERT_TRUE(backend.damage(keys::format(), 0, 0x40));
  EXPECT_FALSE((Storage{backend, kinds(), policies()}.open()));
}

}  // namespace
}  // namespace carillon::storage::test
