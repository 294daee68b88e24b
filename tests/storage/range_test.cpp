// Walks through ring intervals, expiry, and the certificates that go along.
#include "security/creation.hpp"
#include "storage/support/storage_fixture.hpp"

namespace carillon::storage::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RingIntervalTest, ContainsItsEndButNotItsStart) {
  const RingInterval interval{node(0x20), node(0x40)};
  EXPECT_FALSE(interval.contains(ResourceId{node(0x20)}));
  EXPECT_TRUE(interval.contains(place(0x30)));
  EXPECT_TRUE(interval.contains(ResourceId{node(0x40)}));
  EXPECT_FALSE(interval.contains(place(0x41)));
  EXPECT_FALSE(interval.contains(ResourceId{Bytes(15, 0x30)})) << "no place on this ring";
}

TEST(RingIntervalTest, MayPassZeroOrBeTheWholeRing) {
  const RingInterval interval{node(0xf0), node(0x10)};
  EXPECT_TRUE(interval.contains(place(0xf1)));
  EXPECT_TRUE(interval.contains(place(0x00)));
  EXPECT_TRUE(interval.contains(place(0x10)));
  EXPECT_FALSE(interval.contains(place(0x80)));
  EXPECT_TRUE((RingInterval{node(7), node(7)}.contains(place(0x99))));
}

TEST(RingIntervalTest, StretchesCoverExactlyWhatItContains) {
  SeededRandom random{4};
  const auto random_node = [&] {
    NodeId::Octets octets{};
    octets.fill(random.below(3) == 0 ? 0xff : 0);
    octets[0] = static_cast<std::uint8_t>(random.below(4) * 85);
    octets[15] = static_cast<std::uint8_t>(random.u64());
    return NodeId{octets};
  };
  for (int i = 0; i < 5000; ++i) {
    const RingInterval interval{random_node(), random_node()};
    const auto place_there = random_node();
    int covered = 0;
    for (const auto& stretch : interval.stretches()) {
      EXPECT_LE(stretch.first, stretch.last);
      if (stretch.first <= place_there.octets() && place_there.octets() <= stretch.last) ++covered;
    }
    EXPECT_EQ(covered, interval.contains(ResourceId{place_there}) ? 1 : 0);
  }
}

class RangeTest : public StorageTest {
 protected:
  void put(std::uint8_t where, std::uint32_t lifetime_s = 3600) {
    ASSERT_TRUE(
        storage.store({place(where),
                       0,
                       {{single_kind, 0, {single("x", {.lifetime_s = lifetime_s})}},
                        {dictionary_kind, 0, {entry("k", "y", {.lifetime_s = lifetime_s})}}}},
                      context(at({}))));
  }
  void put_all(std::initializer_list<std::uint8_t> places) {
    for (const auto where : places)
      put(where);
  }
  std::optional<WallTime> next_expiry() {
    const auto next = storage.next_expiry();
    EXPECT_TRUE(next);
    return next.value_or(std::nullopt);
  }
  std::size_t records() {
    std::size_t count = 0;
    EXPECT_TRUE(backend.scan({}, [&](ByteView key, ByteView) {
      count += key.front() == 'r' ? 1 : 0;
      return Scan::next;
    }));
    return count;
  }
  std::vector<unsigned> walk(const RingInterval& interval, std::size_t page_size,
                             std::size_t octets = 100'000, Now now = at({})) {
    std::vector<unsigned> seen;
    std::optional<ResourceId> from;
    do {
      const auto page = storage.range(interval, from, page_size, octets, now);
      EXPECT_TRUE(page);
      EXPECT_LE(page->resources.size(), page_size);
      for (const auto& resource : page->resources)
        seen.push_back(resource.content.resource.bytes()[0]);
      from = page->next;
    } while (from);
    return seen;
  }
};

TEST_F(RangeTest, PagesThroughAnIntervalClockwise) {
  put_all({0x10, 0x30, 0x50, 0x90, 0xf0});
  for (const std::size_t page_size : {1U, 2U, 100U}) {
    EXPECT_THAT(walk({node(0x50), node(0x30)}, page_size), ElementsAre(0x90, 0xf0, 0x10, 0x30));
    EXPECT_THAT(walk({node(0x20), node(0x60)}, page_size), ElementsAre(0x30, 0x50));
    EXPECT_THAT(walk({node(0x60), node(0x60)}, page_size),
                ElementsAre(0x90, 0xf0, 0x10, 0x30, 0x50));
  }
  EXPECT_THAT(walk({node(0x60), node(0x60)}, 100, 1), testing::SizeIs(5)) << "one a page";
}

TEST_F(RangeTest, AResourceIsReadyForAReplicaStore) {
  put(0x10);
  const auto page = storage.range(RingInterval::whole(), {}, 10, 100'000, at(seconds{600}));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->resources.size(), 1U);
  const auto& request = page->resources[0].content;
  EXPECT_EQ(request.replica_number, 1);
  ASSERT_EQ(request.kind_data.size(), 2U);
  EXPECT_GE(request.kind_data[0].generation_counter, 1U);
  EXPECT_EQ(request.kind_data[0].values.at(0).lifetime, 3000U);
  EXPECT_EQ(storage.resource(place(0x10), at(seconds{600}))->content, request);
  EXPECT_THAT(storage.resource(place(0x11), at({}))->content.kind_data, IsEmpty());
}

TEST_F(RangeTest, DigestsAgreeExactlyWhereContentsDo) {
  MemoryBackend other_backend;
  Storage other{other_backend, kinds(), policies()};
  ASSERT_TRUE(other.open());
  put_all({0x10, 0x30, 0x50});
  for (const auto where : std::initializer_list<std::uint8_t>{0x50, 0x10, 0x30}) {
    auto copy = storage.resource(place(where), at(seconds{5}));
    ASSERT_TRUE(copy);
    ASSERT_TRUE(other.store(copy->content, context(at(seconds{5}))));
  }
  const auto whole = RingInterval::whole();
  EXPECT_EQ(digests_of(storage, whole), digests_of(other, whole));
  ASSERT_TRUE(other.store({place(0x30), 0, {{single_kind, 0, {single("z", {.time_ms = 1})}}}},
                          context(at({}))));
  EXPECT_NE(digests_of(storage, whole), digests_of(other, whole));
  const RingInterval rest{node(0x40), node(0x20)};
  EXPECT_EQ(digests_of(storage, rest), digests_of(other, rest));
  const auto ours = storage.digests(whole, {}, 10, at({}));
  const auto theirs = other.digests(whole, {}, 10, at({}));
  ASSERT_EQ(ours->resources.size(), 3U);
  EXPECT_EQ(ours->resources[0], theirs->resources[0]);
  EXPECT_NE(ours->resources[1], theirs->resources[1]);
}

TEST_F(RangeTest, DropsAnIntervalPageByPage) {
  put_all({0x10, 0x30, 0x50, 0x70});
  const RingInterval interval{node(0x20), node(0x60)};
  EXPECT_EQ(storage.drop(interval, 1), 1U);
  EXPECT_EQ(storage.drop(interval, 10), 1U);
  EXPECT_EQ(storage.drop(interval, 10), 0U);
  EXPECT_THAT(walk(RingInterval::whole(), 10), ElementsAre(0x10, 0x70));
  ASSERT_EQ(storage.drop(RingInterval::whole(), 10), 2U);
  EXPECT_EQ(backend.size(), 1U) << "nothing but the format key may be left";
}

TEST_F(RangeTest, ADamagedRecordIsReportedAndTheOthersAreWalked) {
  put_all({0x10, 0x30});
  ASSERT_TRUE(backend.damage(keys::record(place(0x10), single_kind), 20, 1));
  EXPECT_THAT(walk(RingInterval::whole(), 10), ElementsAre(0x10, 0x30));
  ASSERT_FALSE(notices.empty());
  EXPECT_EQ(notices[0].severity, Severity::error);
  EXPECT_THAT(notices[0].text, testing::HasSubstr(place(0x10).to_hex()));
  EXPECT_EQ(storage.expire(at(seconds{4000}), 100), 4U);
  ASSERT_EQ(storage.drop(RingInterval::whole(), 10), 1U) << "the damaged one";
  EXPECT_EQ(backend.size(), 1U);
}

TEST_F(RangeTest, WhatExpiresMakesRoom) {
  put(0x10, 100);
  put(0x20, 50);
  put(0x30, 300);
  EXPECT_EQ(next_expiry(), std::optional{start_time + seconds{50}});
  EXPECT_EQ(storage.expire(at(seconds{49}), 100), 0U);
  EXPECT_EQ(storage.expire(at(seconds{100}), 1), 1U) << "no more than asked";
  EXPECT_EQ(storage.expire(at(seconds{100}), 100), 3U);
  EXPECT_THAT(walk(RingInterval::whole(), 10, 1000, at(seconds{100})), ElementsAre(0x30));
  EXPECT_EQ(next_expiry(), std::optional{start_time + seconds{300}});
  EXPECT_EQ(records(), 2U) << "of the two Kinds that are at 0x30";
  EXPECT_EQ(storage.expire(at(seconds{300}), 100), 2U);
  EXPECT_EQ(backend.size(), 1U);
}

TEST_F(RangeTest, ExpiredEntriesGoOneByOne) {
  ASSERT_TRUE(store(dictionary_kind,
                    {entry("a", "1", {.lifetime_s = 10}), entry("b", "2", {.lifetime_s = 20})}));
  EXPECT_EQ(storage.expire(at(seconds{10}), 10), 1U);
  EXPECT_THAT(texts(dictionary_kind, at(seconds{10})), ElementsAre("2"));
  EXPECT_EQ(next_expiry(), std::optional{start_time + seconds{20}});
}

/// Real certificates: a root, a registrar's CA, and users minted by it.
class CertificateTest : public RangeTest {
 protected:
  CertificateTest() {
    const auto id = security::random_node_id(random);
    root = security::create_root("example.org", security::KeyType::ecdsa, start_time, random);
    registrar = security::create_registrar(
        *root, {"example.org", id, {"example.org"}, security::KeyType::ecdsa}, start_time, random);
    mint = std::make_unique<security::CertificateMint>(std::move(
        *security::CertificateMint::create(*registrar, registrar->key.public_key(), random)));
  }
  void add_user(const std::string& user) {
    auto chain = std::make_shared<security::VerifiedChain>();
    chain->certificate = *mint->mint(user, start_time);
    chain->intermediates = {registrar->certificate};
    chain->valid_until = chain->certificate->not_after();
    verifier.chains[user] = chain;
  }
  std::size_t certificates_stored() {
    std::size_t count = 0;
    EXPECT_TRUE(backend.scan(Bytes{'c'}, [&](ByteView key, ByteView) {
      if (key[0] != 'c') return Scan::stop;
      ++count;
      return Scan::next;
    }));
    return count;
  }
  std::vector<Bytes> certificates_at(std::uint8_t where) {
    return storage.resource(place(where), at({}))->certificates;
  }

  SeededRandom random{9};
  Result<security::Issued> root{fail(ErrorCode::not_found, "root")};
  Result<security::Issued> registrar{fail(ErrorCode::not_found, "registrar")};
  std::unique_ptr<security::CertificateMint> mint;
};

TEST_F(CertificateTest, TravelWithTheValuesEachOnce) {
  add_user("alice@example.org");
  put(0x10);
  const auto& chain = verifier.chains["alice@example.org"];
  EXPECT_THAT(certificates_at(0x10),
              ElementsAre(chain->certificate->der(), registrar->certificate->der()));
  const auto fetched =
      storage.fetch({place(0x10), {all_of(single_kind), all_of(dictionary_kind)}}, at({}));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->certificates.size(), 2U);
}

TEST_F(CertificateTest, AreKeptAsLongAsSomethingNeedsThem) {
  add_user("alice@example.org");
  add_user("bob@example.org");
  put(0x10);
  put(0x20);
  EXPECT_EQ(certificates_stored(), 2U);
  ASSERT_TRUE(storage.store(
      {place(0x30), 0, {{single_kind, 0, {single("b", {.user = "bob@example.org"})}}}},
      context(at({}))));
  EXPECT_EQ(certificates_stored(), 3U);
  ASSERT_EQ(storage.drop({node(0x18), node(0x28)}, 10), 1U);
  EXPECT_EQ(certificates_stored(), 3U);
  ASSERT_EQ(storage.drop({node(0x08), node(0x18)}, 10), 1U);
  EXPECT_EQ(certificates_stored(), 2U) << "bob's and the issuer's";
  EXPECT_EQ(certificates_at(0x30).size(), 2U);
  ASSERT_EQ(storage.expire(at(seconds{3601}), 10), 1U);
  EXPECT_EQ(certificates_stored(), 0U);
}

TEST_F(CertificateTest, ReplacingAValueMovesItsReference) {
  add_user("alice@example.org");
  add_user("bob@example.org");
  ASSERT_TRUE(store(single_kind, {single("a")}));
  ASSERT_TRUE(store(single_kind, {single("b", {.user = "bob@example.org", .time_ms = 1})}));
  EXPECT_EQ(certificates_stored(), 2U);
  EXPECT_THAT(certificates_at(0x10),
              ElementsAre(verifier.chains["bob@example.org"]->certificate->der(),
                          registrar->certificate->der()));
}

TEST_F(CertificateTest, ValuesExpireWithTheirCertificate) {
  add_user("alice@example.org");
  const std::uint32_t long_time = 400 * 86'400;
  auto outcome = store(single_kind, {single("a", {.lifetime_s = long_time})});
  ASSERT_TRUE(outcome);
  const auto& chain = *verifier.chains["alice@example.org"];
  const auto granted = outcome->applied.kind_data.at(0).values.at(0).lifetime;
  EXPECT_EQ(start_time + seconds{granted}, chain.valid_until);
  EXPECT_EQ(next_expiry(), std::optional{chain.valid_until});
}

TEST_F(CertificateTest, OneThatIsDamagedIsAnError) {
  add_user("alice@example.org");
  put(0x10);
  const auto key = keys::certificate(verifier.chains["alice@example.org"]->certificate->digest());
  ASSERT_TRUE(backend.damage(key, 60, 1));
  const auto fetched = storage.fetch({place(0x10), {all_of(single_kind)}}, at({}));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().error.code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace carillon::storage::test
