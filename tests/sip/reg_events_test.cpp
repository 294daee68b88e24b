#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/reg_info.hpp"
#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::World;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class RegEventsTest : public testing::Test {
 protected:
  std::string subscribe_text(const std::string& user, const std::string& aor,
                             const std::string& expires = "600", const std::string& event = "reg") {
    const auto n = std::to_string(++number);
    return lines({"SUBSCRIBE sip:" + aor + "@example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKs" + n + ";rport",
                  "Max-Forwards: 70", "From: <sip:" + user + "@example.org>;tag=w",
                  "To: <sip:" + aor + "@example.org>", "Call-ID: reg-event" + n,
                  "CSeq: 1 SUBSCRIBE", "Contact: <sip:" + user + "@192.0.2.9>", "Event: " + event,
                  "Expires: " + expires, "Accept: application/reginfo+xml"});
  }
  SipMessage subscribe(const std::string& user, const std::string& aor,
                       const std::string& expires = "600") {
    world.send_authenticated(watcher, one, subscribe_text(user, aor, expires), user);
    auto response = watcher.take_message();
    world.advance(milliseconds{1});
    return response;
  }
  /// The next NOTIFY, answered.
  std::string notified(int status = 200) {
    const auto text = watcher.take();
    EXPECT_THAT(text, StartsWith("NOTIFY sip:bob@192.0.2.9 "));
    std::erase(watcher.inbox, text);  // It may have come again meanwhile.
    if (!text.empty()) world.send(watcher, one, respond(text, status, ""));
    return text;
  }

  World world;
  Node& one = world.add_node("10.0.0.1");
  Node& two = world.add_node("10.0.0.2");
  Phone& watcher = world.add_phone("192.0.2.9");
  Phone& phone = world.add_phone("192.0.2.1");
  int number{0};
};

TEST_F(RegEventsTest, TellsTheStateAndWhatChanges) {
  const auto response = subscribe("bob", "bob");
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.header(HeaderId::expires), "600");
  const auto first = notified();
  EXPECT_THAT(first, AllOf(HasSubstr("Event: reg\r\n"), HasSubstr("Subscription-State: active;"),
                           HasSubstr("application/reginfo+xml"), HasSubstr("version=\"0\""),
                           HasSubstr("state=\"full\""), HasSubstr("state=\"init\"")));
  world.advance(seconds{5});
  ASSERT_EQ(world.register_phone(phone, one, "bob", "<sip:bob@192.0.2.1>;q=0.5").status(), 200);
  world.advance(milliseconds{1});
  EXPECT_THAT(notified(), AllOf(HasSubstr("version=\"1\""), HasSubstr("state=\"partial\""),
                                HasSubstr("event=\"registered\""),
                                HasSubstr("<uri>sip:bob@192.0.2.1</uri>"), HasSubstr("q=\"0.5\"")));
  world.advance(seconds{5});
  ASSERT_EQ(world.register_phone(phone, one, "bob", "<sip:bob@192.0.2.1>;expires=0").status(), 200);
  world.advance(milliseconds{1});
  EXPECT_THAT(notified(), AllOf(HasSubstr("version=\"2\""), HasSubstr("event=\"unregistered\""),
                                HasSubstr("id=\""), HasSubstr("state=\"terminated\"")));
  EXPECT_EQ(one.core.gauges().subscriptions, 1U);
}

TEST_F(RegEventsTest, HearsOfWhatHappensAtOtherPeers) {
  subscribe("bob", "bob");
  notified();
  ASSERT_EQ(world.register_phone(phone, two, "bob", "<sip:bob@192.0.2.1>").status(), 200);
  world.advance(seconds{5});
  EXPECT_TRUE(watcher.inbox.empty());
  world.advance(seconds{26});
  EXPECT_THAT(notified(), HasSubstr("<uri>sip:bob@192.0.2.1</uri>"));
  world.advance(seconds{60});
  EXPECT_TRUE(watcher.inbox.empty());
}

TEST_F(RegEventsTest, IsForTheUserHimself) {
  EXPECT_EQ(subscribe("alice", "bob").status(), 403);
  EXPECT_EQ(one.core.gauges().subscriptions, 0U);
}

TEST_F(RegEventsTest, OtherPackagesArePassedOn) {
  ASSERT_EQ(world.register_phone(phone, one, "bob", "<sip:bob@192.0.2.1>").status(), 200);
  world.send_authenticated(watcher, one, subscribe_text("alice", "bob", "600", "presence"),
                           "alice");
  EXPECT_THAT(phone.take(), StartsWith("SUBSCRIBE sip:bob@192.0.2.1 "));
}

TEST_F(RegEventsTest, EndsWhenItsTimeIsOver) {
  EXPECT_EQ(subscribe("bob", "bob", "59").status(), 423);
  subscribe("bob", "bob", "60");
  notified();
  world.advance(seconds{61});
  EXPECT_THAT(notified(), HasSubstr("Subscription-State: terminated;reason=timeout"));
  EXPECT_EQ(one.core.gauges().subscriptions, 0U);
  // Without duration: to be told once.
  subscribe("bob", "bob", "0");
  EXPECT_THAT(notified(), HasSubstr("terminated"));
  EXPECT_EQ(one.core.gauges().subscriptions, 0U);
}

TEST_F(RegEventsTest, IsRenewedAndEndedWithinTheDialog) {
  const auto response = subscribe("bob", "bob");
  notified();
  const auto renew = [&](const std::string& expires) {
    const auto n = std::to_string(++number);
    world.send(watcher, one,
               lines({"SUBSCRIBE sip:10.0.0.1:5060 SIP/2.0",
                      "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKr" + n + ";rport",
                      "Max-Forwards: 70", "From: <sip:bob@example.org>;tag=w",
                      "To: " + std::string{response.header(HeaderId::to)},
                      "Call-ID: " + std::string{response.header(HeaderId::call_id)},
                      "CSeq: " + n + " SUBSCRIBE", "Contact: <sip:bob@192.0.2.9>", "Event: reg",
                      "Expires: " + expires}));
    const auto answer = watcher.take_message();
    world.advance(milliseconds{1});
    if (answer.status() == 423) EXPECT_EQ(answer.header(HeaderId::min_expires), "60");
    return answer.status();
  };
  EXPECT_EQ(renew("59"), 423);
  EXPECT_EQ(renew("120"), 200);
  EXPECT_THAT(notified(), AllOf(HasSubstr("state=\"full\""), HasSubstr("active;expires=120")));
  EXPECT_EQ(renew("0"), 200);
  EXPECT_THAT(notified(), HasSubstr("terminated"));
  EXPECT_EQ(one.core.gauges().subscriptions, 0U);
}

TEST_F(RegEventsTest, WhoKnowsNothingOfItAnyMoreIsForgotten) {
  subscribe("bob", "bob");
  notified(481);
  EXPECT_EQ(one.core.gauges().subscriptions, 0U);
}

TEST_F(RegEventsTest, AreBounded) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(subscribe("bob", "bob").status(), 200);
    notified();
  }
  EXPECT_EQ(subscribe("bob", "bob").status(), 503);
}

TEST(RegInfoTest, EscapesWhatXmlWouldTakeForItsOwn) {
  RegInfo info{"bob@example.org"};
  LocatedBinding located;
  located.binding.contact = "sip:bob@192.0.2.1;a=\"<&>\"";
  located.binding.expires = wall_time(10'000);
  located.binding.granted_s = 60;
  const auto text = info.document({located}, wall_time(1'000), true);
  EXPECT_THAT(text, HasSubstr("a=&quot;&lt;&amp;&gt;&quot;"));
  EXPECT_THAT(text, HasSubstr("expires=\"9\""));
  EXPECT_EQ(info.document({located}, wall_time(1'000), false), "");
}

}  // namespace
}  // namespace carillon::sip
