#include "usage/sip/overlay_location_service.hpp"

#include <gmock/gmock.h>

#include "usage/sip/contact_list.hpp"
#include "usage/support/local_harness.hpp"
#include "usage/support/watched_overlay.hpp"
#include "wire/sip_registration.hpp"

namespace carillon::usage {
namespace {

using test::alice;
using test::LocalHarness;
using test::WatchedOverlay;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LocationServiceTest : public testing::Test, public sip::OwnBindings {
 protected:
  LocationServiceTest() {
    harness.on_time([this](Now now) { service.handle_time(now); });
    service.set_own_bindings(*this);
  }

  sip::Binding phone(const std::string& contact, const std::string& flow = {}) {
    return {.contact = contact,
            .call_id = "id",
            .cseq = 1,
            .flow_token = flow,
            .updated = harness.now(),
            .expires = harness.now() + seconds{3600},
            .granted_s = 60};
  }
  static sip::OwnEntry entry(std::vector<sip::Binding> bindings) {
    return {.bindings = std::move(bindings), .removals = {}, .peer_address = {"192.0.2.1", 5061}};
  }
  Result<void> publish(const std::string& aor, const sip::OwnEntry& what,
                       seconds lifetime = seconds{3600}) {
    std::optional<Result<void>> result;
    service.publish(aor, what, lifetime, [&](Result<void> done) { result = std::move(done); });
    EXPECT_FALSE(result) << "not from inside the call";
    harness.settle();
    if (!result) return fail(ErrorCode::request_timeout, "test");
    if (*result) own[aor] = what;
    return *result;
  }
  std::vector<std::string> contacts(const std::string& aor) {
    std::vector<std::string> found;
    bool answered = false;
    service.lookup(aor, [&](Result<std::vector<sip::LocatedBinding>> located) {
      answered = true;
      ASSERT_TRUE(located) << located.error().message();
      for (const auto& one : *located)
        found.push_back(one.binding.contact);
    });
    harness.settle();
    EXPECT_TRUE(answered);
    return found;
  }

  std::vector<std::string> own_aors() const override {
    std::vector<std::string> all;
    for (const auto& [aor, what] : own)
      all.push_back(aor);
    return all;
  }
  std::optional<sip::OwnEntry> own_entry(std::string_view aor) const override {
    const auto found = own.find(std::string{aor});
    return found == own.end() ? std::nullopt : std::optional{found->second};
  }

  LocalHarness harness;
  WatchedOverlay overlay{harness.overlay()};
  std::map<std::string, sip::OwnEntry> own;
  OverlayLocationService service{overlay, harness.timers, {.checks_per_second = 10}};
};

TEST_F(LocationServiceTest, WhatIsPublishedIsFound) {
  EXPECT_THAT(contacts(alice), IsEmpty());
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  EXPECT_THAT(contacts(alice), ElementsAre("sip:a@192.0.2.7"));
  ASSERT_TRUE(publish(alice, entry({phone("sip:b@192.0.2.8")})));
  EXPECT_THAT(contacts(alice), ElementsAre("sip:b@192.0.2.8"));
}

TEST_F(LocationServiceTest, TheServingPeerGoesAlong) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  service.lookup(alice, [&](Result<std::vector<sip::LocatedBinding>> located) {
    ASSERT_TRUE(located);
    ASSERT_THAT(*located, SizeIs(1));
    EXPECT_EQ(located->front().peer_id, overlay.node_id().to_hex());
    EXPECT_EQ(located->front().peer_address, (sip::HostPort{"192.0.2.1", 5061}));
  });
  harness.settle();
}

TEST_F(LocationServiceTest, BothKindsAreStoredInOneStore) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  ASSERT_THAT(overlay.stores, SizeIs(1));
  const auto& stored = overlay.stores[0];
  EXPECT_EQ(stored.user, alice);
  ASSERT_THAT(stored.values, SizeIs(2));
  EXPECT_EQ(stored.values[0].kind, KindId::sip_registration);
  EXPECT_EQ(stored.values[1].kind, KindId::carillon_contacts);
  const auto registration = wire::decode_whole<wire::SipRegistration>(stored.values[0].value);
  ASSERT_TRUE(registration);
  const auto& route = std::get<wire::SipRegistrationRoute>(registration->data);
  EXPECT_THAT(route.destination_list, ElementsAre(wire::Destination{overlay.node_id()}));
}

TEST_F(LocationServiceTest, AnEmptyEntryRemovesBoth) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  ASSERT_TRUE(publish(alice, {}));
  EXPECT_THAT(contacts(alice), IsEmpty());
  EXPECT_FALSE(overlay.stores.back().values[0].exists);
  EXPECT_FALSE(overlay.stores.back().values[1].exists);
}

TEST_F(LocationServiceTest, RemovalsOfOthersBindingsAreStoredWithoutARegistration) {
  sip::OwnEntry removal;
  removal.removals.push_back({.at = harness.now(), .expires = harness.now() + seconds{3600}});
  ASSERT_TRUE(publish(alice, removal));
  EXPECT_FALSE(overlay.stores.back().values[0].exists);
  EXPECT_TRUE(overlay.stores.back().values[1].exists);
}

TEST_F(LocationServiceTest, EntriesOfSeveralPeersAreMerged) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  LocalOverlay other{test::node(2), harness.backend, test::default_kind_table()};
  TimerQueue timers;
  OverlayLocationService elsewhere{other, timers};
  const Now later{harness.time().monotonic, harness.now() + seconds{1}};
  other.handle_time(later);
  other.join([](Result<void> joined) { ASSERT_TRUE(joined); });
  elsewhere.handle_time(later);
  auto newer = phone("sip:b@192.0.2.8");
  newer.updated = later.wall;
  elsewhere.publish(alice, entry({newer}), seconds{3600},
                    [](Result<void> done) { EXPECT_TRUE(done) << done.error().message(); });
  other.run_completions();
  EXPECT_THAT(contacts(alice), ElementsAre("sip:b@192.0.2.8", "sip:a@192.0.2.7"));
}

TEST_F(LocationServiceTest, WhatHasExpiredIsNotFound) {
  auto short_lived = phone("sip:a@192.0.2.7");
  short_lived.expires = harness.now() + seconds{30};
  ASSERT_TRUE(publish(alice, entry({short_lived})));
  harness.run_for(seconds{31});
  EXPECT_THAT(contacts(alice), IsEmpty());
}

TEST_F(LocationServiceTest, AListThatCannotBeReadIsLeftOut) {
  StoreRequest request{.resource_name = alice, .user = alice, .values = {}};
  request.values.push_back({.kind = KindId::carillon_contacts,
                            .position = to_bytes(overlay.node_id().bytes()),
                            .value = {99, 1, 2}});
  harness.overlay().store(std::move(request),
                          [](Result<StoreReport> stored) { EXPECT_TRUE(stored); });
  EXPECT_THAT(contacts(alice), IsEmpty());
  EXPECT_EQ(service.counters().unreadable, 1U);
}

TEST_F(LocationServiceTest, AnEntryThatIsTooLargeIsRefused) {
  sip::OwnEntry many;
  many.bindings.resize(max_listed_bindings + 1);
  const auto refused = publish(alice, many);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST_F(LocationServiceTest, AfterAChangeOfTheRingWhatIsMissingIsPutBack) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  ASSERT_TRUE(publish("bob@example.org", entry({phone("sip:b@192.0.2.8")})));
  overlay.forget(alice);
  EXPECT_THAT(contacts(alice), IsEmpty());
  overlay.change_ring();
  harness.run_for(seconds{5});
  EXPECT_THAT(contacts(alice), ElementsAre("sip:a@192.0.2.7"));
  EXPECT_EQ(service.counters().checked, 2U);
  EXPECT_EQ(service.counters().republished, 1U);
}

TEST_F(LocationServiceTest, AnOlderEntryIsPutRight) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  own[alice] = entry({phone("sip:a@192.0.2.7"), phone("sip:b@192.0.2.8")});
  overlay.change_ring();
  harness.run_for(seconds{5});
  EXPECT_THAT(contacts(alice), SizeIs(2));
}

TEST_F(LocationServiceTest, WhatHasExpiredIsNotPutBack) {
  auto short_lived = phone("sip:a@192.0.2.7");
  short_lived.expires = harness.now() + seconds{1};
  ASSERT_TRUE(publish(alice, entry({short_lived})));
  overlay.forget(alice);
  overlay.change_ring();
  harness.run_for(seconds{5});
  EXPECT_EQ(service.counters().republished, 0U);
}

TEST_F(LocationServiceTest, ChecksAreBoundedInRate) {
  for (int i = 0; i < 50; ++i)
    own["user" + std::to_string(i) + "@example.org"] = entry({phone("sip:a@192.0.2.7")});
  overlay.change_ring();
  harness.run_for(seconds{4});  // Two seconds of calm, then ten checks a second.
  EXPECT_GE(service.counters().checked, 10U);
  EXPECT_LE(service.counters().checked, 25U);
  harness.run_for(seconds{10});
  EXPECT_EQ(service.counters().republished, 50U);
}

TEST_F(LocationServiceTest, ChangesWhileCheckingLeadToASecondRound) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  overlay.change_ring();
  harness.run_for(milliseconds{2100});
  EXPECT_EQ(service.counters().checked, 1U);
  overlay.change_ring();
  overlay.change_ring();
  harness.run_for(seconds{10});
  EXPECT_EQ(service.counters().checked, 2U);
}

TEST_F(LocationServiceTest, ACheckThatFailsIsRepeated) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:a@192.0.2.7")})));
  overlay.forget(alice);
  overlay.failing_lookups = 1;
  overlay.change_ring();
  harness.run_for(seconds{3});
  EXPECT_EQ(service.counters().republished, 0U);
  overlay.failing_stores = 1;
  harness.run_for(seconds{10});
  EXPECT_THAT(contacts(alice), ElementsAre("sip:a@192.0.2.7"));
}

TEST_F(LocationServiceTest, ACheckDoesNotOverwriteWhatIsBeingPublished) {
  ASSERT_TRUE(publish(alice, entry({phone("sip:old@192.0.2.7")})));
  overlay.forget(alice);
  overlay.change_ring();
  // The check's lookup is under way when a new publication begins; the check must leave it alone.
  overlay.on_lookup = [&] {
    overlay.on_lookup = {};
    service.publish(alice, entry({phone("sip:new@192.0.2.8")}), seconds{3600},
                    [&](Result<void> done) {
                      ASSERT_TRUE(done);
                      own[alice] = entry({phone("sip:new@192.0.2.8")});
                    });
  };
  harness.run_for(seconds{10});
  EXPECT_THAT(contacts(alice), ElementsAre("sip:new@192.0.2.8"));
}

TEST_F(LocationServiceTest, WithdrawingTakesBackOnlyWhatHangsOnAFlow) {
  ASSERT_TRUE(
      publish(alice, entry({phone("sip:flow@192.0.2.7", "token"), phone("sip:direct@192.0.2.8")})));
  ASSERT_TRUE(publish("bob@example.org", entry({phone("sip:b@192.0.2.9")})));
  ASSERT_TRUE(publish("carol@example.org", entry({phone("sip:c@192.0.2.9", "token")})));
  const auto stores = overlay.stores.size();
  std::optional<Result<void>> withdrawn;
  service.withdraw([&](Result<void> done) { withdrawn = std::move(done); });
  EXPECT_FALSE(withdrawn);
  harness.settle();
  ASSERT_TRUE(withdrawn && *withdrawn);
  EXPECT_EQ(overlay.stores.size(), stores + 2);
  EXPECT_THAT(contacts(alice), ElementsAre("sip:direct@192.0.2.8"));
  EXPECT_THAT(contacts("bob@example.org"), ElementsAre("sip:b@192.0.2.9"));
  EXPECT_THAT(contacts("carol@example.org"), IsEmpty());
  overlay.change_ring();
  harness.run_for(seconds{10});
  EXPECT_EQ(service.counters().checked, 0U) << "nothing is put back any more";
}

TEST_F(LocationServiceTest, WithdrawingNothingEndsAtOnce) {
  bool done = false;
  service.withdraw([&](Result<void> result) { done = result.has_value(); });
  harness.settle();
  EXPECT_TRUE(done);
}

TEST_F(LocationServiceTest, AHandlerDoesNotOutliveTheService) {
  auto doomed = std::make_unique<OverlayLocationService>(overlay, harness.timers);
  doomed->lookup(alice, [](auto) { FAIL(); });
  doomed->publish(alice, entry({phone("sip:a@192.0.2.7")}), seconds{60}, [](auto) { FAIL(); });
  doomed.reset();
  harness.settle();
}

}  // namespace
}  // namespace carillon::usage
