#pragma once

// What every Overlay must do (include/carillon/overlay.hpp), whatever is behind it. An
// implementation's tests bring a type, with
//   std::size_t nodes();                                    // joined, at least one
//   void call(std::size_t node, std::function<void(Overlay&)>);  // as a turn of its driver
//   bool run_until(std::function<bool()>, milliseconds);    // time passes
//   WallTime now();
//   std::unique_ptr<...>                                    // cleaned up by its destructor
// and instantiate the suite with it. Users are of the domain example.org.

#include <functional>
#include <optional>
#include <set>

#include <gmock/gmock.h>

#include <carillon/overlay.hpp>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace carillon::overlay_test {

inline Bytes octets(std::string_view text) {
  return to_bytes(as_bytes(text));
}

template <typename Harness>
class OverlaySuite : public testing::Test {
 protected:
  static constexpr milliseconds limit{60'000};

  /// Starts a call at a node and waits for its handler.
  template <typename T, typename Start>
  Result<T> wait_for(std::size_t node, Start start) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    harness.call(node, [&](Overlay& overlay) {
      start(overlay, [result](Result<T> got) {
        EXPECT_FALSE(result->has_value()) << "a handler runs once";
        result->emplace(std::move(got));
      });
      EXPECT_FALSE(result->has_value()) << "a handler must not run from inside the call";
    });
    if (!harness.run_until([&] { return result->has_value(); }, limit)) {
      ADD_FAILURE() << "the handler did not run";
      return fail(ErrorCode::request_timeout, "test");
    }
    return std::move(**result);
  }

  Result<StoreReport> store(std::size_t node, StoreRequest request) {
    return wait_for<StoreReport>(node, [&](Overlay& overlay, auto done) {
      overlay.store(std::move(request), std::move(done));
    });
  }
  Result<LookupReport> lookup(std::size_t node, const std::string& name,
                              std::vector<KindId> kinds) {
    return wait_for<LookupReport>(node, [&](Overlay& overlay, auto done) {
      overlay.lookup({name, std::move(kinds)}, std::move(done));
    });
  }
  Result<FindReport> find_next(std::size_t node, const ResourceId& from, KindId kind) {
    return wait_for<FindReport>(
        node, [&](Overlay& overlay, auto done) { overlay.find_next(from, kind, std::move(done)); });
  }
  Result<void> leave(std::size_t node) {
    return wait_for<void>(node,
                          [](Overlay& overlay, auto done) { overlay.leave(std::move(done)); });
  }
  NodeId node_id(std::size_t node) {
    NodeId id;
    harness.call(node, [&](Overlay& overlay) { id = overlay.node_id(); });
    return id;
  }
  ResourceId resource_id(const std::string& name) {
    ResourceId id;
    harness.call(0, [&](Overlay& overlay) { id = overlay.resource_id(name); });
    return id;
  }
  std::size_t last() { return harness.nodes() - 1; }

  static StoreRequest credential(const std::string& user, std::string_view value) {
    StoreRequest request{.resource_name = user, .user = user, .values = {}};
    request.values.push_back({.kind = KindId::carillon_credential, .value = octets(value)});
    return request;
  }
  /// An entry of the node's own in the user's dictionary.
  StoreRequest contacts(std::size_t node, const std::string& user, std::string_view value) {
    StoreRequest request{.resource_name = user, .user = user, .values = {}};
    request.values.push_back({.kind = KindId::carillon_contacts,
                              .position = to_bytes(node_id(node).bytes()),
                              .value = octets(value)});
    return request;
  }
  std::vector<std::string> texts(std::size_t node, const std::string& name, KindId kind) {
    const auto found = lookup(node, name, {kind});
    EXPECT_TRUE(found) << found.error().message();
    std::vector<std::string> all;
    if (found) {
      for (const auto& value : found->values)
        all.emplace_back(as_text(value.value));
    }
    return all;
  }

  Harness harness;
};
TYPED_TEST_SUITE_P(OverlaySuite);

TYPED_TEST_P(OverlaySuite, WhatOneNodeStoresEveryNodeFinds) {
  const auto stored = this->store(0, this->credential("alice@example.org", "secret"));
  ASSERT_TRUE(stored) << stored.error().message();
  ASSERT_EQ(stored->kinds.size(), 1U);
  EXPECT_GE(stored->kinds[0].generation, 1U);
  for (std::size_t node = 0; node < this->harness.nodes(); ++node) {
    const auto found = this->lookup(node, "alice@example.org", {KindId::carillon_credential});
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found->values.size(), 1U);
    const auto& value = found->values[0];
    EXPECT_EQ(value.kind, KindId::carillon_credential);
    EXPECT_EQ(value.value, octets("secret"));
    EXPECT_EQ(value.user, "alice@example.org");
    EXPECT_EQ(value.node, this->node_id(0));
    EXPECT_LE(value.lifetime, seconds{3600});
    EXPECT_GT(value.lifetime, seconds{3500});
    EXPECT_LE(value.storage_time_ms, to_milliseconds(this->harness.now()));
  }
}

TYPED_TEST_P(OverlaySuite, NothingThereIsAnEmptyReport) {
  const auto found = this->lookup(this->last(), "nobody@example.org",
                                  {KindId::carillon_credential, KindId::carillon_contacts});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(found->values.empty());
}

TYPED_TEST_P(OverlaySuite, ALaterStoreReplacesAnEarlierOne) {
  const auto first = this->store(0, this->credential("bob@example.org", "old"));
  const auto second = this->store(this->last(), this->credential("bob@example.org", "new"));
  ASSERT_TRUE(first && second);
  EXPECT_GT(second->kinds[0].generation, first->kinds[0].generation);
  EXPECT_THAT(this->texts(0, "bob@example.org", KindId::carillon_credential),
              testing::ElementsAre("new"));
}

TYPED_TEST_P(OverlaySuite, ARemovedValueIsNotFound) {
  ASSERT_TRUE(this->store(0, this->credential("carol@example.org", "x")));
  auto removal = this->credential("carol@example.org", "");
  removal.values[0].exists = false;
  ASSERT_TRUE(this->store(this->last(), std::move(removal)));
  EXPECT_THAT(this->texts(0, "carol@example.org", KindId::carillon_credential), testing::IsEmpty());
}

TYPED_TEST_P(OverlaySuite, ADictionaryHasAnEntryForEachNode) {
  std::vector<std::string> expected;
  for (std::size_t node = 0; node < this->harness.nodes(); ++node) {
    expected.push_back("at " + std::to_string(node));
    const auto stored =
        this->store(node, this->contacts(node, "dora@example.org", expected.back()));
    ASSERT_TRUE(stored) << stored.error().message();
  }
  EXPECT_THAT(this->texts(this->last(), "dora@example.org", KindId::carillon_contacts),
              testing::UnorderedElementsAreArray(expected));
}

TYPED_TEST_P(OverlaySuite, SeveralKindsAreStoredTogetherOrNotAtAll) {
  auto both = this->contacts(0, "emil@example.org", "contact list");
  both.values.push_back({.kind = KindId::carillon_credential, .value = octets("credential")});
  ASSERT_TRUE(this->store(0, both));
  const auto found = this->lookup(this->last(), "emil@example.org",
                                  {KindId::carillon_credential, KindId::carillon_contacts});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->values.size(), 2U);
  EXPECT_EQ(found->values[0].kind, KindId::carillon_credential) << "in the order of kinds";

  both.resource_name = both.user = "fritz@example.org";
  both.values[1].value.assign(100'000, 0);
  const auto refused = this->store(0, both);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::data_too_large);
  EXPECT_THAT(this->texts(0, "fritz@example.org", KindId::carillon_contacts), testing::IsEmpty());
}

TYPED_TEST_P(OverlaySuite, ArraysAreAppendedTo) {
  const auto user = std::string{"gerd@example.org"};
  for (const auto* text : {"one", "two"}) {
    StoreRequest request{.resource_name = user, .user = user, .values = {}};
    request.values.push_back({.kind = KindId::certificate_by_user,
                              .position = std::uint32_t{0xffffffff},
                              .value = octets(text)});
    const auto stored = this->store(0, std::move(request));
    ASSERT_TRUE(stored) << stored.error().message();
  }
  const auto found = this->lookup(this->last(), user, {KindId::certificate_by_user});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->values.size(), 2U);
  EXPECT_EQ(std::get<std::uint32_t>(found->values[1].position), 1U);
  EXPECT_EQ(found->values[1].value, octets("two"));
}

TYPED_TEST_P(OverlaySuite, AccessPoliciesAreEnforced) {
  auto foreign = this->credential("mallory@example.org", "x");
  foreign.resource_name = "alice@example.org";
  const auto by_user = this->store(0, foreign);
  ASSERT_FALSE(by_user);
  EXPECT_EQ(by_user.error().code, ErrorCode::forbidden);

  auto other_node = this->contacts(0, "alice@example.org", "x");
  other_node.values[0].position = Bytes(16, 0x77);
  const auto by_node = this->store(0, other_node);
  ASSERT_FALSE(by_node);
  EXPECT_EQ(by_node.error().code, ErrorCode::forbidden);
}

TYPED_TEST_P(OverlaySuite, NodesMayStoreAtTheirOwnPlace) {
  const auto id = this->node_id(0);
  StoreRequest request{.resource_name = std::string{as_text(id.bytes())}, .user = {}, .values = {}};
  request.values.push_back({.kind = KindId::certificate_by_node,
                            .position = std::uint32_t{0xffffffff},
                            .value = octets("certificate")});
  const auto stored = this->store(0, request);
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_THAT(this->texts(this->last(), request.resource_name, KindId::certificate_by_node),
              testing::ElementsAre("certificate"));
  if (this->harness.nodes() > 1) {
    const auto refused = this->store(1, request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
  }
}

TYPED_TEST_P(OverlaySuite, UnknownKindsAreErrors) {
  const auto found = this->lookup(0, "alice@example.org", {KindId{0xf1234567}});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::unknown_kind);
  auto request = this->credential("alice@example.org", "x");
  request.values[0].kind = KindId{0xf1234567};
  const auto stored = this->store(0, std::move(request));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::unknown_kind);
}

TYPED_TEST_P(OverlaySuite, ValuesExpire) {
  auto request = this->credential("hans@example.org", "x");
  request.values[0].lifetime = seconds{20};
  ASSERT_TRUE(this->store(0, std::move(request)));
  const auto until = this->harness.now() + seconds{21};
  ASSERT_TRUE(this->harness.run_until([&] { return this->harness.now() > until; }, seconds{60}));
  EXPECT_THAT(this->texts(this->last(), "hans@example.org", KindId::carillon_credential),
              testing::IsEmpty());
}

TYPED_TEST_P(OverlaySuite, AWalkMeetsEveryResourceOnce) {
  std::set<ResourceId> expected;
  for (int i = 0; i < 12; ++i) {
    const auto user = "user" + std::to_string(i) + "@example.org";
    ASSERT_TRUE(this->store(static_cast<std::size_t>(i) % this->harness.nodes(),
                            this->credential(user, "x")));
    expected.insert(this->resource_id(user));
  }
  std::set<ResourceId> met;
  Bytes from(16, 0);
  while (true) {
    const auto found = this->find_next(this->last(), ResourceId{from}, KindId::carillon_credential);
    ASSERT_TRUE(found) << found.error().message();
    if (!found->resource || *found->resource < ResourceId{from}) break;
    EXPECT_TRUE(met.insert(*found->resource).second);
    from = to_bytes(found->resource->bytes());
    for (auto octet = from.rbegin(); octet != from.rend() && ++*octet == 0; ++octet) {
    }
  }
  EXPECT_EQ(met, expected);
  const auto at = this->template wait_for<LookupReport>(0, [&](Overlay& overlay, auto done) {
    overlay.lookup_at(*expected.begin(), {KindId::carillon_credential}, std::move(done));
  });
  ASSERT_TRUE(at);
  EXPECT_EQ(at->values.size(), 1U);
}

TYPED_TEST_P(OverlaySuite, AWalkThroughNothingFindsNothing) {
  const auto found = this->find_next(0, ResourceId{Bytes(16, 7)}, KindId::turn_service);
  EXPECT_TRUE(!found || !found->resource);
}

TYPED_TEST_P(OverlaySuite, HandlersMayCallAgain) {
  bool done = false;
  this->harness.call(0, [&](Overlay& overlay) {
    overlay.store(this->credential("ida@example.org", "x"), [&](Result<StoreReport> stored) {
      ASSERT_TRUE(stored) << stored.error().message();
      overlay.lookup({"ida@example.org", {KindId::carillon_credential}},
                     [&](Result<LookupReport> found) {
                       done = true;
                       EXPECT_TRUE(found && found->values.size() == 1U);
                     });
    });
  });
  EXPECT_TRUE(this->harness.run_until([&] { return done; }, this->limit));
}

TYPED_TEST_P(OverlaySuite, AfterLeavingEveryCallFails) {
  ASSERT_TRUE(this->store(0, this->credential("jan@example.org", "x")));
  const auto node = this->last();
  const auto left = this->leave(node);
  ASSERT_TRUE(left) << left.error().message();
  const auto found = this->lookup(node, "jan@example.org", {KindId::carillon_credential});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_joined);
  EXPECT_TRUE(this->leave(node)) << "leaving twice does no harm";
  if (node > 0) {
    EXPECT_THAT(this->texts(0, "jan@example.org", KindId::carillon_credential),
                testing::ElementsAre("x"));
  }
}

REGISTER_TYPED_TEST_SUITE_P(OverlaySuite, WhatOneNodeStoresEveryNodeFinds,
                            NothingThereIsAnEmptyReport, ALaterStoreReplacesAnEarlierOne,
                            ARemovedValueIsNotFound, ADictionaryHasAnEntryForEachNode,
                            SeveralKindsAreStoredTogetherOrNotAtAll, ArraysAreAppendedTo,
                            AccessPoliciesAreEnforced, NodesMayStoreAtTheirOwnPlace,
                            UnknownKindsAreErrors, ValuesExpire, AWalkMeetsEveryResourceOnce,
                            AWalkThroughNothingFindsNothing, HandlersMayCallAgain,
                            AfterLeavingEveryCallFails);

}  // namespace carillon::overlay_test
