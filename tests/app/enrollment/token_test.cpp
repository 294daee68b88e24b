#include "app/enrollment/token.hpp"

#include <gmock/gmock.h>

#include "security/test_overlay.hpp"

namespace carillon::app {
namespace {

using security::fails_with;
using security::test_now;

class Tokens : public testing::Test {
 protected:
  SeededRandom random{1};
  TokenKey key = TokenKey::generate(random);
  Sha256Digest root = sha256(as_bytes("root"));
  Token token = Token::create(key, root, test_now + seconds{60}, random);
};

TEST_F(Tokens, SayWhatTheyWereMadeOf) {
  const auto read = Token::parse(token.text()).value();
  EXPECT_EQ(read.text(), token.text());
  EXPECT_EQ(read.id(), token.id());
  EXPECT_EQ(read.id().size(), 32U);
  EXPECT_EQ(read.root(), root);
  EXPECT_EQ(read.expires(), test_now + seconds{60});
  EXPECT_EQ(read.user_name(), "token-" + token.id());
  EXPECT_TRUE(read.verify(key, test_now));
  EXPECT_NE(Token::create(key, root, test_now, random).id(), token.id());
}

TEST_F(Tokens, NeedNoEscapingInUrlsAndShells) {
  for (int i = 0; i < 50; ++i) {
    const auto text = Token::create(key, root, test_now, random).text();
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
              std::string::npos);
    EXPECT_TRUE(Token::parse(text));
  }
}

TEST_F(Tokens, Expire) {
  EXPECT_TRUE(token.verify(key, test_now + seconds{59}));
  EXPECT_TRUE(
      fails_with(token.verify(key, test_now + seconds{60}), ErrorCode::forbidden, "expired"));
}

TEST_F(Tokens, OfAnotherKeyAreRefused) {
  const auto other = TokenKey::generate(random);
  EXPECT_TRUE(fails_with(token.verify(other, test_now), ErrorCode::forbidden));
}

TEST_F(Tokens, WithAnyCharacterChangedAreRefused) {
  const auto text = token.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto read = Token::parse(changed);
    EXPECT_FALSE(read && read->verify(key, test_now)) << i;
  }
}

TEST_F(Tokens, ThatAreNoneAreRefused) {
  for (const std::string& text :
       {std::string{}, std::string("carillon-token-"), token.text().substr(1),
        token.text() + "AAAA", token.text().substr(0, 40),
        "carillon-token-" + std::string(300, 'A'), std::string("carillon-token-\0\xff", 17)}) {
    EXPECT_TRUE(fails_with(Token::parse(text), ErrorCode::malformed)) << text;
  }
}

TEST_F(Tokens, MembersOfAGroupMakeTheirOwn) {
  const auto group = GroupToken::create(key, root, test_now + seconds{60}, random);
  EXPECT_TRUE(GroupToken::is_one(group.text()));
  EXPECT_FALSE(GroupToken::is_one(token.text()));
  const auto member = GroupToken::parse(group.text()).value().derive(random);
  const auto read = Token::parse(member.text()).value();
  EXPECT_EQ(read.root(), root);
  EXPECT_EQ(read.expires(), test_now + seconds{60});
  EXPECT_TRUE(read.verify(key, test_now));
  EXPECT_TRUE(fails_with(read.verify(key, test_now + seconds{60}), ErrorCode::forbidden));
  EXPECT_TRUE(fails_with(read.verify(TokenKey::generate(random), test_now), ErrorCode::forbidden));
  EXPECT_NE(group.derive(random).id(), read.id());
  auto text = member.text();
  for (std::size_t i = 15; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto other = Token::parse(changed);
    EXPECT_FALSE(other && other->verify(key, test_now)) << i;
  }
  EXPECT_TRUE(fails_with(GroupToken::parse(token.text()), ErrorCode::malformed));
  EXPECT_TRUE(fails_with(GroupToken::parse("carillon-group-"), ErrorCode::malformed));
}

TEST_F(Tokens, KeysHaveAText) {
  EXPECT_EQ(TokenKey::from_text(key.to_text()).value().octets, key.octets);
  EXPECT_TRUE(fails_with(TokenKey::from_text("00ff"), ErrorCode::invalid_argument));
  EXPECT_TRUE(fails_with(TokenKey::from_text("x"), ErrorCode::invalid_argument));
}

}  // namespace
}  // namespace carillon::app
