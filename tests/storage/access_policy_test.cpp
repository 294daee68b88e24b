// The access control policies (RFC 6940, 7.3).
#include "storage/support/storage_fixture.hpp"

namespace carillon::storage::test {
namespace {

const std::string alice = "alice@example.org";

class AccessPolicyTest : public testing::Test {
 protected:
  bool allows(const std::string& policy, const ResourceId& resource, const Signer& signer,
              const wire::StoredDataValue& value = {wire::DataValue{}}) {
    const KindRules rules{wire::DataModel::single_value, policy, 1, 100, 20, accepts_user};
    return AccessPolicies::standard().allows({resource, single_kind, rules, value, signer});
  }
  std::function<bool(std::string_view)> accepts_user;
};

TEST_F(AccessPolicyTest, HashesAreTheFirstHalfOfSha1) {
  EXPECT_EQ(hash_to_resource(as_bytes("abc")).to_hex(), "a9993e364706816aba3e25717850c26c");
}

TEST_F(AccessPolicyTest, UserMatchWantsTheUsersOwnPlace) {
  const auto home = hash_to_resource(as_bytes(alice));
  EXPECT_TRUE(allows("USER-MATCH", home, {alice, node(1), {}}));
  EXPECT_TRUE(allows("USER-MATCH", home, {alice, node(2), {}})) << "at any node";
  EXPECT_FALSE(allows("USER-MATCH", home, {"bob@example.org", node(1), {}}));
  EXPECT_FALSE(allows("USER-MATCH", hash_to_resource({}), {"", node(1), {}})) << "nobody";
}

TEST_F(AccessPolicyTest, NodeMatchWantsTheNodesOwnPlace) {
  const auto home = hash_to_resource(node(1).bytes());
  EXPECT_TRUE(allows("NODE-MATCH", home, {alice, node(1), {}}));
  EXPECT_FALSE(allows("NODE-MATCH", home, {alice, node(2), {}}));
}

TEST_F(AccessPolicyTest, UserNodeMatchWantsBothAndTheNodeAsKey) {
  const auto home = hash_to_resource(as_bytes(alice));
  const auto with_key = [](const NodeId& key) {
    return wire::StoredDataValue{wire::DictionaryEntry{to_bytes(key.bytes()), {}}};
  };
  EXPECT_TRUE(allows("USER-NODE-MATCH", home, {alice, node(1), {}}, with_key(node(1))));
  EXPECT_FALSE(allows("USER-NODE-MATCH", home, {alice, node(1), {}}, with_key(node(2))));
  EXPECT_FALSE(allows("USER-NODE-MATCH", home, {"bob@x", node(1), {}}, with_key(node(1))));
  EXPECT_FALSE(allows("USER-NODE-MATCH", home, {alice, node(1), {}})) << "no dictionary";
}

TEST_F(AccessPolicyTest, NodeMultipleTriesAllIterations) {
  const auto place_of_iteration = [](std::vector<std::uint8_t> iteration) {
    Bytes name = to_bytes(node(1).bytes());
    append(name, iteration);
    return hash_to_resource(name);
  };
  const Signer signer{alice, node(1), {}};
  EXPECT_TRUE(allows("NODE-MULTIPLE", place_of_iteration({1}), signer));
  EXPECT_TRUE(allows("NODE-MULTIPLE", place_of_iteration({20}), signer));
  EXPECT_TRUE(allows("NODE-MULTIPLE", place_of_iteration({0, 0, 0, 7}), signer)) << "as uint32";
  EXPECT_FALSE(allows("NODE-MULTIPLE", place_of_iteration({21}), signer));
  EXPECT_FALSE(allows("NODE-MULTIPLE", place_of_iteration({1}), {alice, node(2), {}}));
}

TEST_F(AccessPolicyTest, APolicyThatNobodyAddedAllowsNothing) {
  EXPECT_FALSE(allows("NO-SUCH-POLICY", hash_to_resource(as_bytes(alice)), {alice, node(1), {}}));
}

TEST_F(AccessPolicyTest, AKindMayRestrictItsUsers) {
  accepts_user = [](std::string_view user) { return user.ends_with("@example.net"); };
  EXPECT_FALSE(allows("USER-MATCH", hash_to_resource(as_bytes(alice)), {alice, node(1), {}}));
}

TEST_F(AccessPolicyTest, TheConfigurationsKindsAreTakenOver) {
  config::OverlayConfiguration configuration;
  configuration.instance_name = "example.org";
  configuration.kinds.push_back({.id = KindId::sip_registration,
                                 .name = "SIP-REGISTRATION",
                                 .data_model = wire::DataModel::dictionary,
                                 .access_control = config::AccessControl::user_node_match,
                                 .max_count = 8,
                                 .max_size = 1000,
                                 .domain_restrictions = config::DomainRestrictions{}});
  const KindTable table{configuration};
  const auto* rules = table.find(KindId::sip_registration);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->access_control, "USER-NODE-MATCH");
  EXPECT_EQ(rules->max_count, 8U);
  ASSERT_TRUE(rules->accepts_user);
  EXPECT_TRUE(rules->accepts_user("alice@example.org")) << "the overlay's own domain";
  EXPECT_FALSE(rules->accepts_user("alice@example.net"));
  EXPECT_FALSE(rules->accepts_user("alice"));
  EXPECT_EQ(table.find(single_kind), nullptr);
}

/// For originals both signers have to conform, for replicas the value's alone (7.3).
TEST(AccessTest, BothSignersOfAnOriginalMustConform) {
  MemoryBackend backend;
  Storage storage{backend, kinds("USER-MATCH"), policies()};
  ASSERT_TRUE(storage.open());
  PlainVerifier verifier;
  const auto try_store = [&](const std::string& value_signer, const std::string& request_signer,
                             std::uint8_t replica) {
    static std::uint64_t time = 0;
    const wire::StoreReq request{
        hash_to_resource(as_bytes(alice)),
        replica,
        {{single_kind, replica, {single("x", {.user = value_signer, .time_ms = ++time})}}}};
    return storage.store(request, {at({}), verifier, {request_signer, node(1), {}}});
  };
  EXPECT_TRUE(try_store(alice, alice, 0));
  for (const auto& refused :
       {try_store(alice, "mallory@example.org", 0), try_store("mallory@example.org", alice, 0),
        try_store("mallory@example.org", alice, 1)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error.code, ErrorCode::forbidden);
  }
  EXPECT_TRUE(try_store(alice, "the responsible peer", 1));
}

}  // namespace
}  // namespace carillon::storage::test
