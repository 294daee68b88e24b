// Tokens, as a newcomer reads them from a file and a server from a form.
#include <string_view>

#include "app/enrollment/token.hpp"
#include "check.hpp"

using namespace carillon;
using namespace carillon::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const TokenKey key{};
  SeededRandom random{1};
  const WallTime now{};
  if (const auto token = Token::parse(text)) {
    check(Token::parse(token->text())->text() == token->text());
    check(token->id().size() == 32 && token->user_name() == "token-" + token->id());
    // Only who has the key can make one. (None is made here.)
    check(!token->verify(key, now));
  }
  if (GroupToken::is_one(text)) {
    if (const auto group = GroupToken::parse(text)) {
      check(GroupToken::parse(group->text())->text() == group->text());
      check(Token::parse(group->derive(random).text()).has_value());
    }
  }
  (void)TokenKey::from_text(text);
  return 0;
}
