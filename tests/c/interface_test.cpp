#include <array>
#include <filesystem>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <carillon/carillon.h>

namespace {

class CInterface : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path{testing::TempDir()} /
                 ("carillon-c-" +
                  std::string{testing::UnitTest::GetInstance()->current_test_info()->name()});
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// Why there is no such peer.
  std::string refused(const carillon_peer_settings& settings, std::size_t size = 200) {
    std::string why(size, '#');
    carillon_overlay* peer = carillon_peer_new(&settings, why.data(), size);
    EXPECT_EQ(peer, nullptr);
    if (peer != nullptr) carillon_overlay_free(peer);
    return why.c_str();
  }

  std::filesystem::path directory_;
};

TEST_F(CInterface, APeerThatCannotBeSaysWhy) {
  const std::string none = directory_ / "none";
  const std::string data = directory_ / "data";
  carillon_peer_settings settings{};
  settings.directory = none.c_str();
  settings.data = data.c_str();
  settings.listen = "127.0.0.1:0";
  EXPECT_THAT(refused(settings), testing::HasSubstr("none/overlay.xml"));
  settings.listen = "nonsense";
  EXPECT_THAT(refused(settings), testing::HasSubstr("--listen"));
  settings = {};
  EXPECT_FALSE(refused(settings).empty());
}

TEST_F(CInterface, AShortLineIsCutOff) {
  carillon_peer_settings settings{};
  settings.listen = "nonsense";
  EXPECT_EQ(refused(settings, 9).size(), 8U);
  EXPECT_EQ(carillon_peer_new(&settings, nullptr, 0), nullptr);
}

TEST_F(CInterface, AnOverlayOfThisNodeAloneIsNoPeer) {
  carillon_overlay* local = carillon_local_overlay_new("c0ffee00c0ffee00c0ffee00c0ffee00");
  ASSERT_NE(local, nullptr);
  EXPECT_EQ(carillon_peer_serve(local, 0), -1);
  EXPECT_EQ(carillon_peer_node_id(local), nullptr);
  EXPECT_EQ(carillon_local_overlay_run(local, 1, 1), std::numeric_limits<std::uint64_t>::max());
  carillon_overlay_free(local);
  EXPECT_EQ(carillon_local_overlay_new("not a Node-ID"), nullptr);
  EXPECT_EQ(carillon_local_overlay_new(nullptr), nullptr);
}

}  // namespace
