#include "usage/credentials/user_credentials.hpp"

#include <gmock/gmock.h>

#include "usage/credentials/sealed_credential.hpp"
#include "usage/sip/overlay_location_service.hpp"
#include "usage/support/local_harness.hpp"
#include "usage/support/watched_overlay.hpp"

namespace carillon::usage {
namespace {

using test::alice;
using test::LocalHarness;
using test::WatchedOverlay;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

class UserCredentialsTest : public testing::Test {
 protected:
  UserCredentialsTest() {
    harness.on_time([this](Now now) {
      users.handle_time(now);
      other_peer.handle_time(now);
    });
  }

  Result<void> add(const std::string& aor, const std::string& password) {
    return wait<void>([&](auto done) { users.add(aor, password, std::move(done)); });
  }
  Result<void> remove(const std::string& aor) {
    return wait<void>([&](auto done) { users.remove(aor, std::move(done)); });
  }
  static constexpr auto code = [](const auto& result) {
    return result ? ErrorCode::malformed : result.error().code;
  };
  Result<sip::FoundUser> find(UserCredentials& at, const std::string& aor,
                              sip::UserQuestion question = sip::UserQuestion::credential) {
    return wait<sip::FoundUser>([&](auto done) { at.find(aor, question, std::move(done)); });
  }
  template <typename T, typename Start>
  Result<T> wait(Start start) {
    std::optional<Result<T>> result;
    start([&](Result<T> got) { result.emplace(std::move(got)); });
    EXPECT_FALSE(result) << "not from inside the call";
    harness.settle();
    EXPECT_TRUE(result);
    if (!result) return fail(ErrorCode::request_timeout, "test");
    return std::move(*result);
  }
  std::vector<std::string> all_users(std::size_t page_size) {
    std::vector<std::string> all;
    std::optional<ResourceId> from;
    do {
      auto page = wait<UserPage>([&](auto done) { users.list(from, page_size, std::move(done)); });
      EXPECT_TRUE(page);
      EXPECT_LE(page->aors.size(), page_size);
      std::ranges::move(page->aors, std::back_inserter(all));
      from = page->next;
    } while (from);
    return all;
  }

  LocalHarness harness;
  WatchedOverlay overlay{harness.overlay()};
  SeededRandom random{1};
  security::OperatorKey key = security::OperatorKey::generate(random);
  std::vector<Notice> notices;
  NoticeSink sink = [this](Notice notice) { notices.push_back(std::move(notice)); };
  UserCredentials users{overlay, key, random, harness.timers, {}, sink};
  UserCredentials other_peer{overlay, key, random, harness.timers, {}, sink};
};

TEST_F(UserCredentialsTest, WhoWasAddedIsFound) {
  ASSERT_TRUE(add(alice, "secret"));
  const auto found = find(other_peer, alice);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->credential, sip::make_credential(alice, "secret"));
}

TEST_F(UserCredentialsTest, NeitherPasswordNorDigestsLieOpen) {
  ASSERT_TRUE(add(alice, "secret"));
  const auto& value = overlay.stores.at(0).values.at(0).value;
  const auto credential = sip::make_credential(alice, "secret");
  EXPECT_THAT(std::string{as_text(value)}, testing::Not(testing::HasSubstr("secret")));
  EXPECT_TRUE(std::ranges::search(value, credential.ha1_md5).empty());
  EXPECT_TRUE(std::ranges::search(value, credential.ha1_sha256).empty());
  ASSERT_TRUE(add(alice, "secret"));
  EXPECT_NE(overlay.stores.at(1).values.at(0).value, value) << "a nonce of its own each time";
}

TEST_F(UserCredentialsTest, NobodyElseIsFound) {
  EXPECT_EQ(code(find(users, "bob@example.org")), ErrorCode::not_found);
  EXPECT_EQ(users.cached("bob@example.org", seconds{300}), std::nullopt);
  EXPECT_EQ(code(remove("bob@example.org")), ErrorCode::not_found);
  EXPECT_EQ(code(add("no address", "x")), ErrorCode::invalid_argument);
  EXPECT_EQ(code(add("@example.org", "x")), ErrorCode::invalid_argument);
}

TEST_F(UserCredentialsTest, ARefreshAsksNobody) {
  ASSERT_TRUE(add(alice, "secret"));
  EXPECT_EQ(other_peer.cached(alice, seconds{300}), std::nullopt);
  ASSERT_TRUE(find(other_peer, alice));
  const auto lookups = overlay.lookups;
  for (int i = 0; i < 4; ++i) {
    harness.run_for(seconds{60});
    EXPECT_NE(other_peer.cached(alice, seconds{300}), std::nullopt);
  }
  EXPECT_EQ(other_peer.cached(alice, seconds{239}), std::nullopt);
  EXPECT_EQ(overlay.lookups, lookups);
  harness.run_for(seconds{61});
  EXPECT_EQ(other_peer.cached(alice, seconds{300}), std::nullopt) << "but not for ever";
}

TEST_F(UserCredentialsTest, AChangedPasswordIsGoodAtOnceAndTheOldOneNotForLong) {
  ASSERT_TRUE(add(alice, "old"));
  ASSERT_TRUE(find(other_peer, alice));
  harness.run_for(seconds{10});
  ASSERT_TRUE(add(alice, "new"));
  EXPECT_EQ(users.cached(alice, seconds{300}), sip::make_credential(alice, "new"));
  EXPECT_EQ(other_peer.cached(alice, seconds{300}), sip::make_credential(alice, "old"));
  // A digest with the new password does not fit, so the other peer asks.
  EXPECT_EQ(find(other_peer, alice)->credential, sip::make_credential(alice, "new"));
  EXPECT_EQ(other_peer.cached(alice, seconds{300}), sip::make_credential(alice, "new"));
}

TEST_F(UserCredentialsTest, ARemovedUserIsForgottenWithinTheBound) {
  ASSERT_TRUE(add(alice, "secret"));
  ASSERT_TRUE(find(other_peer, alice));
  ASSERT_TRUE(remove(alice));
  EXPECT_EQ(users.cached(alice, seconds{300}), std::nullopt);
  EXPECT_EQ(code(find(users, alice)), ErrorCode::not_found);
  harness.run_for(seconds{301});
  EXPECT_EQ(other_peer.cached(alice, seconds{300}), std::nullopt);
  EXPECT_EQ(code(find(other_peer, alice)), ErrorCode::not_found);
}

TEST_F(UserCredentialsTest, GuessersCostOneLookupInAWhile) {
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(code(find(users, "bob@example.org")), ErrorCode::not_found);
  EXPECT_EQ(overlay.lookups, 1U);
  harness.run_for(seconds{6});
  EXPECT_EQ(code(find(users, "bob@example.org")), ErrorCode::not_found);
  EXPECT_EQ(overlay.lookups, 2U);
}

TEST_F(UserCredentialsTest, ManyWhoAskAtOnceCostOneLookup) {
  ASSERT_TRUE(add(alice, "secret"));
  const auto lookups = overlay.lookups;
  int answered = 0;
  for (int i = 0; i < 10; ++i)
    other_peer.find(alice, sip::UserQuestion::credential,
                    [&](const Result<sip::FoundUser>& found) { answered += found ? 1 : 0; });
  harness.settle();
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(overlay.lookups, lookups + 1);
}

TEST_F(UserCredentialsTest, TheBindingsComeWithTheCredentialInOneLookup) {
  ASSERT_TRUE(add(alice, "secret"));
  sip::OwnEntry entry;
  entry.bindings.push_back({.contact = "sip:alice@192.0.2.1",
                            .updated = harness.now(),
                            .expires = harness.now() + seconds{60}});
  OverlayLocationService locations{overlay, harness.timers};
  locations.handle_time(harness.time());
  ASSERT_TRUE(wait<void>([&](auto done) {
    locations.publish(std::string{alice}, entry, seconds{60}, std::move(done));
  }));
  const auto lookups = overlay.lookups;
  const auto found = find(other_peer, alice, sip::UserQuestion::credential_and_bindings);
  ASSERT_TRUE(found && found->located);
  EXPECT_EQ(found->credential, sip::make_credential(alice, "secret"));
  ASSERT_THAT(*found->located, SizeIs(1));
  EXPECT_EQ(found->located->front().binding.contact, "sip:alice@192.0.2.1");
  EXPECT_EQ(overlay.lookups, lookups + 1);
  EXPECT_FALSE(find(other_peer, alice, sip::UserQuestion::credential_and_bindings)->located)
      << "an answer that is given again says nothing of bindings, which may have changed";
}

TEST_F(UserCredentialsTest, AnErrorIsToldAndNotRemembered) {
  ASSERT_TRUE(add(alice, "secret"));
  overlay.failing_lookups = 1;
  EXPECT_EQ(code(find(other_peer, alice)), ErrorCode::unknown_kind);
  EXPECT_TRUE(find(other_peer, alice));
}

TEST_F(UserCredentialsTest, AnotherOperatorsKeyOpensNothing) {
  ASSERT_TRUE(add(alice, "secret"));
  UserCredentials stranger{
      overlay, security::OperatorKey::generate(random), random, harness.timers, {}, sink};
  stranger.handle_time(harness.time());
  EXPECT_EQ(code(find(stranger, alice)), ErrorCode::corrupt);
  ASSERT_THAT(notices, SizeIs(1));
  EXPECT_THAT(notices[0].text, testing::HasSubstr(alice));
}

TEST_F(UserCredentialsTest, ABoxOfAnotherUserDoesNotOpen) {
  const auto sealed = seal_credential(key, random, alice, sip::make_credential(alice, "x"));
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(open_credential(key, alice, *sealed));
  EXPECT_EQ(code(open_credential(key, "bob@example.org", *sealed)), ErrorCode::corrupt);
  for (std::size_t i = 0; i < sealed->size(); ++i) {
    Bytes damaged = *sealed;
    damaged[i] ^= 1;
    EXPECT_EQ(code(open_credential(key, alice, damaged)), ErrorCode::corrupt);
    EXPECT_FALSE(open_credential(key, alice, ByteView{*sealed}.first(i)));
  }
}

TEST_F(UserCredentialsTest, UsersAreListedPageByPage) {
  EXPECT_THAT(all_users(10), IsEmpty());
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    expected.push_back("user" + std::to_string(i) + "@example.org");
    ASSERT_TRUE(add(expected.back(), "x"));
  }
  ASSERT_TRUE(remove(expected.back()));
  expected.pop_back();
  for (const std::size_t page_size : {1U, 7U, 100U})
    EXPECT_THAT(all_users(page_size), UnorderedElementsAreArray(expected));
}

TEST_F(UserCredentialsTest, ValuesLiveOnAsLongAsPeersLookAfterThem) {
  ASSERT_TRUE(add(alice, "secret"));
  ASSERT_TRUE(add("bob@example.org", "secret"));
  other_peer.start_renewal();
  for (int day = 0; day < 70; ++day)
    harness.run_until([] { return false; }, std::chrono::hours{24});
  EXPECT_TRUE(find(users, alice));
  EXPECT_TRUE(find(users, "bob@example.org"));
  EXPECT_THAT(overlay.stores, testing::SizeIs(testing::Le(2U + 2 * 6))) << "but seldom stored";
  other_peer.stop_renewal();
}

TEST_F(UserCredentialsTest, WhoRegistersIsRenewed) {
  ASSERT_TRUE(add(alice, "secret"));
  harness.run_for(std::chrono::hours{24 * 14});
  ASSERT_TRUE(find(users, alice));
  harness.settle();
  EXPECT_THAT(overlay.stores, SizeIs(1));
  harness.run_for(std::chrono::hours{24 * 2});
  ASSERT_TRUE(find(users, alice));
  harness.settle();
  EXPECT_THAT(overlay.stores, SizeIs(2));
}

}  // namespace
}  // namespace carillon::usage
