#include "app/trunk_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/loop_support.hpp"

namespace carillon::app {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TrunkSettings, ATrunkIsASipUri) {
  const auto trunk = read_trunk("sip:gateway.example;transport=tcp");
  ASSERT_TRUE(trunk);
  EXPECT_EQ(trunk->uri, "sip:gateway.example;transport=tcp");
  EXPECT_FALSE(trunk->trusted);
  const auto trusted = read_trunk("sip:gateway.example  trusted ");
  ASSERT_TRUE(trusted);
  EXPECT_EQ(trusted->uri, "sip:gateway.example");
  EXPECT_TRUE(trusted->trusted);
  EXPECT_EQ(trusted->register_as, "");
  for (const auto* bad : {"", "gateway.example", "tel:+49", "sip:user@gateway.example",
                          "sip:gateway.example?Subject=x", "sip:gateway.example busted"}) {
    EXPECT_FALSE(read_trunk(bad)) << bad;
  }
}

TEST(TrunkSettings, TheUserWhoIsRegisteredThere) {
  const auto as = [](const char* text) {
    const auto trunk = read_trunk(text);
    return trunk ? trunk->register_as : trunk.error().detail;
  };
  EXPECT_EQ(as("sip:gw.example:5070;lr register=+4930555"), "sip:+4930555@gw.example");
  EXPECT_EQ(as("sip:[2001:db8::1] trusted register=line7"), "sip:line7@[2001:db8::1]");
  EXPECT_EQ(as("sip:gw.example register=line7@carrier.example trusted"),
            "sip:line7@carrier.example");
  for (const auto* bad : {"sip:g register=", "sip:g register=@x", "sip:g register=u@",
                          "sip:g register=u@x;y=z", "sip:g register=u@x?Y=z"}) {
    EXPECT_THAT(as(bad), HasSubstr("is no user")) << bad;
  }
}

TEST(TrunkPasswords, BelongToTheirTrunks) {
  std::vector<sip::TrunkOptions> trunks{{.uri = "sip:a"}, {.uri = "sip:b;lr"}, {.uri = "sip:c"}};
  ASSERT_TRUE(
      read_trunk_passwords("# ours\n\nsip:b;lr  line7\topen sesame \r\nsip:a u#1 #p", trunks));
  EXPECT_EQ(trunks[0].login.username, "u#1");
  EXPECT_EQ(trunks[0].login.password, "#p");
  EXPECT_EQ(trunks[1].login.username, "line7");
  EXPECT_EQ(trunks[1].login.password, "open sesame");
  EXPECT_EQ(trunks[2].login.username, "");
}

TEST(TrunkPasswords, WhatIsWrongIsToldWithoutThem) {
  for (const auto* bad : {"\nsip:a", "\nsip:a user", "\nsip:x user sesame", "\nuser sesame sip:a",
                          "\nsip:a user ses\tame\x01", "sip:a u p\nsip:a user sesame"}) {
    std::vector<sip::TrunkOptions> trunks{{.uri = "sip:a"}};
    const auto read = read_trunk_passwords(bad, trunks);
    ASSERT_FALSE(read) << bad;
    EXPECT_THAT(read.error().message(), HasSubstr("line 2"));
    EXPECT_THAT(read.error().message(), Not(HasSubstr("sesame")));
  }
}

TEST(TrunkPasswords, AFileThatEverybodyCanReadIsToldOf) {
  const io::TemporaryDirectory directory;
  const auto path = directory.path() / "passwords";
  ASSERT_TRUE(io::write_file(path, as_bytes("sip:a user sesame"), io::FileMode::secret));
  std::vector<std::string> notices;
  const auto load = [&] {
    std::vector<sip::TrunkOptions> trunks{{.uri = "sip:a"}};
    const auto loaded = load_trunk_passwords(
        path, trunks, [&](const Notice& notice) { notices.push_back(notice.text); });
    return loaded ? trunks[0].login.password : loaded.error().message();
  };
  EXPECT_EQ(load(), "sesame");
  EXPECT_THAT(notices, testing::IsEmpty());
  std::filesystem::permissions(path, std::filesystem::perms{0640});
  EXPECT_EQ(load(), "sesame");
  EXPECT_THAT(notices, testing::IsEmpty());
  std::filesystem::permissions(path, std::filesystem::perms{0604});
  EXPECT_EQ(load(), "sesame");
  EXPECT_THAT(notices, testing::ElementsAre(HasSubstr("everybody")));
  std::filesystem::remove(path);
  EXPECT_THAT(load(), HasSubstr("passwords"));
}

}  // namespace
}  // namespace carillon::app
