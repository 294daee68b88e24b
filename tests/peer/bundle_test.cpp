#include "peer/bundle.hpp"

#include <gtest/gtest.h>

#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

std::optional<wire::DataModel> model_of(KindId) {
  return wire::DataModel::dictionary;
}

wire::StoreReq replica_at(std::uint8_t place, std::uint8_t replica_number = 1) {
  NodeId::Octets octets{};
  octets.back() = place;
  wire::StoreReq request;
  request.resource = ResourceId{NodeId{octets}};
  request.replica_number = replica_number;
  request.kind_data.push_back({credential, 3, {}});
  return request;
}

std::vector<wire::StoreReq> replicas(std::size_t count) {
  std::vector<wire::StoreReq> parts;
  for (std::size_t i = 0; i < count; ++i)
    parts.push_back(replica_at(static_cast<std::uint8_t>(i)));
  return parts;
}

TEST(Bundle, CarriesStoresAsTheyAre) {
  const auto parts = replicas(max_bundled);
  const auto bundle = make_bundle(parts);
  EXPECT_EQ(bundle.resource, parts.front().resource);
  const auto read = read_bundle(bundle, model_of);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, parts);
}

TEST(Bundle, IsNoOrdinaryStore) {
  const auto read = read_bundle(replica_at(1), model_of);
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(Bundle, IsRefusedIfItIsNotInForm) {
  EXPECT_EQ(read_bundle(make_bundle(replicas(max_bundled + 1)), model_of).error().code,
            ErrorCode::too_large);
  auto with_another = make_bundle(replicas(1));
  with_another.kind_data.push_back({credential, 0, {}});
  EXPECT_FALSE(read_bundle(with_another, model_of));
  auto cut_short = make_bundle(replicas(2));
  auto& entry = cut_short.kind_data[0].values[1].value.entry;
  std::get<wire::DictionaryEntry>(entry).value.value.pop_back();
  EXPECT_FALSE(read_bundle(cut_short, model_of));
  auto empty = make_bundle(replicas(1));
  empty.kind_data[0].values.clear();
  EXPECT_FALSE(read_bundle(empty, model_of));
}

TEST(Bundle, CarriesNeitherOriginalsNorBundles) {
  EXPECT_FALSE(read_bundle(make_bundle(std::vector{replica_at(1, 0)}), model_of));
  EXPECT_FALSE(read_bundle(make_bundle(std::vector{make_bundle(replicas(2))}), model_of));
}

/// What one resource is refused for must not keep the others of its bundle away.
TEST(Bundle, OneThatIsRefusedHoldsUpNoOther) {
  Network network;
  for (int i = 0; i < 4; ++i)
    network.join(network.add_host());
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), "old")));
  // It misses some news, and comes back with what is older.
  Host& absent = network.host(1);
  network.kill(absent);
  network.run_for(seconds{5});
  for (int i = 0; i < 60; i += 5)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), "new")));
  network.join(absent);
  network.run_for(seconds{10});
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(text_of(network.lookup(absent, user_name(i), {credential})),
              i % 5 == 0 ? "new;" : "old;");
  }
}

}  // namespace
}  // namespace carillon::peer
