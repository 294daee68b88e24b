// What the suite of all overlays (tests/overlay) does not ask of LocalOverlay.
#include "usage/local/local_overlay.hpp"

#include <gmock/gmock.h>

#include "usage/support/local_harness.hpp"

namespace carillon::usage {
namespace {

StoreRequest credential(const std::string& user) {
  StoreRequest request{.resource_name = user, .user = user, .values = {}};
  request.values.push_back({.kind = KindId::carillon_credential, .value = {1}});
  return request;
}

TEST(LocalOverlayTest, WhatCouldNotBeMadeDurableIsAnError) {
  test::LocalHarness harness;
  std::vector<ErrorCode> errors;
  const auto note = [&](Result<StoreReport> stored) {
    errors.push_back(stored ? ErrorCode::malformed : stored.error().code);
  };
  harness.backend.fail_next_syncs(1);
  harness.overlay().store(credential("a@example.org"), note);
  harness.overlay().store(credential("b@example.org"), note);
  harness.settle();
  EXPECT_THAT(errors, testing::ElementsAre(ErrorCode::disk_full, ErrorCode::disk_full));
  harness.overlay().store(credential("a@example.org"), note);
  harness.settle();
  EXPECT_EQ(errors.back(), ErrorCode::malformed) << "stored";
}

TEST(LocalOverlayTest, WhatWasAcknowledgedSurvivesACrash) {
  storage::MemoryBackend backend;
  for (int life = 0; life < 2; ++life) {
    LocalOverlay overlay{test::node(1), backend, test::default_kind_table()};
    overlay.handle_time({MonotonicTime{}, test::start_time});
    overlay.join([](Result<void> joined) { EXPECT_TRUE(joined); });
    std::size_t found = 0;
    overlay.lookup({"a@example.org", {KindId::carillon_credential}},
                   [&](Result<LookupReport> report) { found = report->values.size(); });
    overlay.store(credential("a@example.org"), [](Result<StoreReport>) {});
    overlay.run_completions();
    EXPECT_EQ(found, static_cast<std::size_t>(life));
    overlay.store(credential("unacknowledged@example.org"), [](Result<StoreReport>) { FAIL(); });
    backend.crash();
  }
}

TEST(LocalOverlayTest, BeforeJoiningNothingWorks) {
  storage::MemoryBackend backend;
  LocalOverlay overlay{test::node(1), backend, test::default_kind_table()};
  std::optional<ErrorCode> code;
  overlay.store(credential("a@example.org"),
                [&](Result<StoreReport> stored) { code = stored.error().code; });
  overlay.run_completions();
  EXPECT_EQ(code, ErrorCode::not_joined);
}

TEST(LocalOverlayTest, DamagedDataKeepItFromJoining) {
  storage::MemoryBackend backend;
  backend.damage_all();
  LocalOverlay overlay{test::node(1), backend, test::default_kind_table()};
  std::optional<ErrorCode> code;
  overlay.join([&](Result<void> joined) { code = joined.error().code; });
  overlay.run_completions();
  EXPECT_EQ(code, ErrorCode::corrupt);
}

TEST(LocalOverlayTest, SweepsAwayWhatHasExpired) {
  test::LocalHarness harness;
  const auto empty = harness.backend.size();
  auto request = credential("a@example.org");
  request.values[0].lifetime = seconds{5};
  harness.overlay().store(std::move(request), [](Result<StoreReport>) {});
  harness.settle();
  EXPECT_GT(harness.backend.size(), empty);
  harness.run_for(seconds{20});
  EXPECT_EQ(harness.backend.size(), empty);
}

}  // namespace
}  // namespace carillon::usage
