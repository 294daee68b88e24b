#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using test::answer_challenge;
using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const std::string aor = "bob@example.org";

std::vector<std::string> contacts(const SipMessage& message) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < message.count(HeaderId::contact); ++i) {
    out.emplace_back(message.header(HeaderId::contact, i));
  }
  return out;
}

class RegistrarTest : public testing::Test {
 protected:
  SipMessage register_bob(const std::string& contact, const std::string& more = {}) {
    return world.register_phone(phone, node, "bob", contact, more);
  }
  SipMessage fetch(Node& at) { return world.register_phone(phone, at, "bob", {}); }

  std::string register_text(const std::string& cseq, const std::string& more = {}) {
    return lines({"REGISTER sip:example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx" + cseq, "Max-Forwards: 70",
                  "From: <sip:bob@example.org>;tag=f", "To: <sip:bob@example.org>",
                  "Call-ID: fixed", "CSeq: " + cseq + " REGISTER",
                  "Contact: <sip:bob@192.0.2.1:5060>" + more});
  }
  std::string challenge() {
    world.send(phone, node, register_text(std::to_string(++probe)));
    return std::string{phone.take_message().header(HeaderId::www_authenticate)};
  }

  World world;
  Node& node = world.add_node("10.0.0.1");
  Node& other = world.add_node("10.0.0.2");
  Phone& phone = world.add_phone("192.0.2.1");
  int probe{1000};
};

TEST_F(RegistrarTest, ChallengesWithBothDigestsAndLeavesNothingBehind) {
  world.send(phone, node, register_text("1"));
  const auto response = phone.take_message();
  EXPECT_EQ(response.status(), 401);
  ASSERT_EQ(response.count(HeaderId::www_authenticate), 2U);
  EXPECT_THAT(response.header(HeaderId::www_authenticate), HasSubstr("algorithm=MD5"));
  EXPECT_THAT(response.header(HeaderId::www_authenticate, 1), HasSubstr("algorithm=SHA-256"));
  EXPECT_THAT(response.header(HeaderId::www_authenticate), HasSubstr("realm=\"example.org\""));
  EXPECT_THAT(response.header(HeaderId::www_authenticate), HasSubstr("qop=\"auth\""));
  EXPECT_EQ(node.core.gauges().server_transactions, 0U);
  world.send(phone, node, register_text("1"));
  EXPECT_EQ(phone.take_message().header(HeaderId::to), response.header(HeaderId::to));
}

TEST_F(RegistrarTest, AnOldBaresipIsAskedForMd5Alone) {
  world.send(phone, node, register_text("1", "\r\nUser-Agent: baresip v1.0.0 (x86_64/linux)"));
  const auto response = phone.take_message();
  ASSERT_EQ(response.count(HeaderId::www_authenticate), 1U);
  EXPECT_THAT(response.header(HeaderId::www_authenticate), HasSubstr("algorithm=MD5"));
}

TEST_F(RegistrarTest, StoresABinding) {
  const auto response = register_bob("<sip:bob@192.0.2.1:5060>;q=0.7", "Expires: 600\r\n");
  EXPECT_EQ(response.status(), 200);
  EXPECT_THAT(contacts(response), ElementsAre("<sip:bob@192.0.2.1:5060>;expires=600;q=0.7"));
  EXPECT_EQ(response.header(HeaderId::date), "Wed, 18 Nov 2026 11:06:40 GMT");
  const auto& entry = world.locations.entries[aor]["peer-10.0.0.1"];
  ASSERT_EQ(entry.bindings.size(), 1U);
  EXPECT_EQ(entry.bindings[0].contact, "sip:bob@192.0.2.1:5060");
  EXPECT_EQ(entry.bindings[0].q_thousandths, 700);
  EXPECT_EQ(entry.bindings[0].flow_token, "") << "anybody can reach the phone";
  EXPECT_EQ(entry.bindings[0].received, "udp:192.0.2.1:5060");
  EXPECT_EQ(entry.bindings[0].granted_s, 600U);
  EXPECT_EQ(entry.bindings[0].expires, world.now.wall + seconds{3600});
  EXPECT_EQ(entry.peer_address, (HostPort{"10.0.0.1", 5061}));
}

TEST_F(RegistrarTest, OffersAndTakesOnlyTheDigestsThatItIsTold) {
  auto options = World::default_options();
  options.digests = {DigestAlgorithm::sha256};
  auto& strict = world.add_node("10.0.0.3", options);
  const auto answer = [&](const std::string& cseq, std::string given, bool with_md5) {
    if (with_md5) given.replace(given.find("SHA-256"), 7, "MD5");
    auto request = parsed(register_text(cseq));
    request.append(HeaderId::authorization,
                   answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org"));
    world.send(phone, strict, request.serialize());
    return phone.take_message();
  };
  world.send(phone, strict, register_text("1"));
  const auto challenged = phone.take_message();
  ASSERT_EQ(challenged.count(HeaderId::www_authenticate), 1U);
  const std::string given{challenged.header(HeaderId::www_authenticate)};
  EXPECT_THAT(given, HasSubstr("algorithm=SHA-256"));
  EXPECT_EQ(answer("2", given, true).status(), 401);
  EXPECT_EQ(answer("3", given, false).status(), 200);
}

TEST_F(RegistrarTest, AnswersOnlyWhenTheBindingIsKept) {
  const auto given = challenge();
  world.locations.hold = true;
  auto request = parsed(register_text("5"));
  request.append(HeaderId::authorization,
                 answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org"));
  world.send(phone, node, request.serialize());
  world.advance(seconds{5});
  world.send(phone, node, request.serialize());
  EXPECT_TRUE(phone.inbox.empty());
  world.locations.hold = false;
  world.settle();
  EXPECT_EQ(phone.take_message().status(), 200);
  EXPECT_EQ(world.locations.publishes, 1U) << "the retransmission is absorbed";
}

TEST_F(RegistrarTest, AsksForTheUserAndTheBindingsInOneQuestion) {
  world.credentials.caches = false;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 200);
  EXPECT_EQ(world.credentials.finds, 1U);
  EXPECT_EQ(world.locations.lookups, 0U);
  world.credentials.tells_bindings = false;  // As when an answer is given again.
  EXPECT_THAT(contacts(register_bob("<sip:bob@192.0.2.2:5060>")), SizeIs(2));
  EXPECT_EQ(world.locations.lookups, 1U);
}

TEST_F(RegistrarTest, LooksAgainAfterHavingWaitedForAnotherRegister) {
  world.credentials.caches = false;
  const auto given = challenge();
  world.locations.hold = true;
  for (const std::uint32_t count : {1U, 2U}) {
    auto text = register_text(std::to_string(count));
    const std::string from = "Contact: <sip:bob@192.0.2.1";
    text.replace(text.find(from), from.size(),
                 "Contact: <sip:bob@192.0.2.5" + std::to_string(count));
    auto request = parsed(text);
    request.append(HeaderId::authorization,
                   answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org", count));
    world.send(phone, node, request.serialize());
  }
  world.locations.hold = false;
  world.settle();
  EXPECT_EQ(world.locations.lookups, 1U) << "only the second had to wait";
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings.size(), 2U);
}

TEST_F(RegistrarTest, SaysWhenTheOverlayFails) {
  world.locations.publish_error = ErrorCode::request_timeout;
  auto response = register_bob("<sip:bob@192.0.2.1:5060>");
  EXPECT_EQ(response.status(), 503);
  const auto retry_after = std::stoi(std::string{response.header(HeaderId::retry_after)});
  EXPECT_GE(retry_after, 5);
  EXPECT_LE(retry_after, 10);
  world.locations.publish_error = ErrorCode::data_too_large;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 500);
  world.locations.publish_error.reset();
  world.locations.lookup_error = ErrorCode::not_joined;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 503);
  world.locations.lookup_error.reset();
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 200);
}

TEST_F(RegistrarTest, TidiesUpAfterAPublishOfUnknownOutcome) {
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 200);
  world.locations.publish_error = ErrorCode::request_timeout;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>", "Expires: 0\r\n").status(), 503);
  world.locations.publish_error.reset();
  const auto before = world.locations.publishes;
  world.advance(seconds{31});
  EXPECT_EQ(world.locations.publishes, before + 1) << "what is stored is what was acknowledged";
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings.size(), 1U);
}

TEST_F(RegistrarTest, RefreshesWithoutTheOverlay) {
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>", "Expires: 60\r\n").status(), 200);
  const auto publishes = world.locations.publishes;
  const auto lookups = world.locations.lookups;
  for (int i = 0; i < 30; ++i) {
    world.advance(seconds{50});
    const auto response = register_bob("<sip:bob@192.0.2.1:5060>", "Expires: 60\r\n");
    EXPECT_THAT(contacts(response), ElementsAre("<sip:bob@192.0.2.1:5060>;expires=60"));
  }
  EXPECT_EQ(world.locations.publishes, publishes);
  EXPECT_EQ(world.locations.lookups, lookups);
  EXPECT_EQ(node.core.counters().refreshes, 30U);
  // Half of the stored lifetime of an hour has passed: it is published again.
  world.advance(seconds{50});
  for (int i = 0; i < 10; ++i) {
    register_bob("<sip:bob@192.0.2.1:5060>", "Expires: 60\r\n");
    world.advance(seconds{50});
  }
  EXPECT_EQ(world.locations.publishes, publishes + 1);
}

TEST_F(RegistrarTest, PublishesWhatARefreshChanges) {
  register_bob("<sip:bob@192.0.2.1:5060>", "Expires: 60\r\n");
  const auto count = [&] { return world.locations.publishes; };
  auto before = count();
  register_bob("<sip:bob@192.0.2.1:5060>;q=0.1", "Expires: 60\r\n");
  EXPECT_EQ(count(), ++before);
  register_bob("<sip:bob@192.0.2.1:5060>;q=0.1", "Expires: 90\r\n");
  EXPECT_EQ(count(), ++before);
  register_bob("<sip:bob@192.0.2.1:5060>;q=0.1;+sip.instance=\"<urn:x>\"", "Expires: 90\r\n");
  EXPECT_EQ(count(), ++before);
  phone.address = {"203.0.113.5", 61000};
  register_bob("<sip:bob@192.0.2.1:5060>;q=0.1;+sip.instance=\"<urn:x>\"", "Expires: 90\r\n");
  EXPECT_EQ(count(), ++before) << "it comes from another address: behind a NAT";
  EXPECT_NE(world.locations.entries[aor]["peer-10.0.0.1"].bindings[0].flow_token, "");
}

TEST_F(RegistrarTest, HoldsSeveralContacts) {
  register_bob("<sip:bob@192.0.2.1:5060>, <sip:bob@198.51.100.1>;q=0.5;expires=100");
  const auto response = register_bob("<sip:bob@192.0.2.9>", "Expires: 300\r\n");
  EXPECT_THAT(contacts(response),
              UnorderedElementsAre(StartsWith("<sip:bob@192.0.2.1:5060>;expires=3600"),
                                   StartsWith("<sip:bob@198.51.100.1>;expires=100;q=0.5"),
                                   StartsWith("<sip:bob@192.0.2.9>;expires=300")));
  EXPECT_EQ(contacts(fetch(node)).size(), 3U);
  EXPECT_EQ(contacts(register_bob("<sip:bob@198.51.100.1>;expires=0")).size(), 2U);
}

TEST_F(RegistrarTest, RemovesAll) {
  register_bob("<sip:bob@192.0.2.1:5060>, <sip:bob@198.51.100.1>");
  EXPECT_EQ(register_bob("*", "Expires: 60\r\n").status(), 400);
  EXPECT_EQ(register_bob("*").status(), 400);
  EXPECT_EQ(register_bob("*, <sip:bob@192.0.2.1>", "Expires: 0\r\n").status(), 400);
  EXPECT_EQ(contacts(fetch(node)).size(), 2U);
  const auto response = register_bob("*", "Expires: 0\r\n");
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(contacts(response).empty());
  EXPECT_TRUE(world.locations.entries[aor].empty());
  world.advance(seconds{8000});
  EXPECT_EQ(node.core.gauges().aors, 0U);
}

TEST_F(RegistrarTest, HasBoundsOfTime) {
  auto response = register_bob("<sip:bob@192.0.2.1:5060>;expires=59");
  EXPECT_EQ(response.status(), 423);
  EXPECT_EQ(response.header(HeaderId::min_expires), "60");
  response = register_bob("<sip:bob@192.0.2.1:5060>;expires=99999999");
  EXPECT_THAT(contacts(response), ElementsAre("<sip:bob@192.0.2.1:5060>;expires=7200"));
  response = register_bob("<sip:bob@192.0.2.1:5060>;expires=soon");
  EXPECT_THAT(contacts(response), ElementsAre("<sip:bob@192.0.2.1:5060>;expires=3600"));
}

TEST_F(RegistrarTest, ForgetsWhatExpires) {
  register_bob("<sip:bob@192.0.2.1:5060>, <sip:bob@198.51.100.1>;expires=100", "Expires: 200\r\n");
  world.advance(seconds{101});
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings.size(), 1U);
  world.advance(seconds{100});
  EXPECT_TRUE(world.locations.entries[aor].empty());
  EXPECT_EQ(node.core.gauges().aors, 0U);
}

TEST_F(RegistrarTest, TriesAgainToPublishWhatExpired) {
  register_bob("<sip:bob@192.0.2.1:5060>;expires=100");
  world.locations.publish_error = ErrorCode::unreachable;
  world.advance(seconds{110});
  EXPECT_EQ(world.locations.entries[aor].size(), 1U);
  world.locations.publish_error.reset();
  world.advance(seconds{60});
  EXPECT_TRUE(world.locations.entries[aor].empty());
}

TEST_F(RegistrarTest, KeepsTheOrderOfRequests) {
  const auto given = challenge();
  const auto with_cseq = [&](const std::string& cseq, std::uint32_t count) {
    auto request = parsed(register_text(cseq));
    request.append(HeaderId::authorization,
                   answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org", count));
    world.send(phone, node, request.serialize());
    return phone.take_message().status();
  };
  EXPECT_EQ(with_cseq("10", 1), 200);
  EXPECT_EQ(with_cseq("9", 2), 500);
  EXPECT_EQ(with_cseq("11", 3), 200);
}

TEST_F(RegistrarTest, DoesOneAfterTheOther) {
  const auto given = challenge();
  world.locations.hold = true;
  for (int i = 0; i < 12; ++i) {
    auto request = parsed(register_text(std::to_string(20 + i), ";q=0." + std::to_string(i)));
    request.append(HeaderId::authorization,
                   answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org",
                                    static_cast<std::uint32_t>(i + 1)));
    world.send(phone, node, request.serialize());
  }
  EXPECT_EQ(phone.inbox.size(), 4U);
  while (!phone.inbox.empty())
    EXPECT_EQ(phone.take_message().status(), 503) << "too many wait";
  world.locations.hold = false;
  world.settle();
  EXPECT_EQ(phone.inbox.size(), 8U);
  while (!phone.inbox.empty())
    EXPECT_EQ(phone.take_message().status(), 200);
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings[0].q_thousandths, 700);
}

TEST_F(RegistrarTest, WantsTheRightPasswordAndANonceThatIsGood) {
  const auto attempt = [&](const std::string& given, const std::string& user,
                           const std::string& password, std::uint32_t count,
                           const std::string& method = "REGISTER") {
    auto request = parsed(register_text(std::to_string(++probe)));
    request.append(HeaderId::authorization,
                   answer_challenge(given, user, password, method, "sip:example.org", count));
    world.send(phone, node, request.serialize());
    return phone.take_message();
  };
  auto given = challenge();
  EXPECT_EQ(attempt(given, "bob", "wrong", 1).status(), 401);
  EXPECT_EQ(attempt(given, "bob", "secret", 1, "INVITE").status(), 401);
  EXPECT_EQ(attempt(given, "alice", "secret", 1).status(), 403) << "registers another's AOR";
  EXPECT_EQ(attempt(given, "nobody", "secret", 1).status(), 403);
  EXPECT_EQ(attempt(given, "bob", "secret", 2).status(), 200);
  const auto replayed = attempt(given, "bob", "secret", 2);
  EXPECT_EQ(replayed.status(), 401);
  EXPECT_THAT(replayed.header(HeaderId::www_authenticate), HasSubstr("stale=true"));
  given = std::string{replayed.header(HeaderId::www_authenticate)};
  world.advance(seconds{302});
  const auto late = attempt(given, "bob", "secret", 1);
  EXPECT_EQ(late.status(), 401);
  EXPECT_THAT(late.header(HeaderId::www_authenticate), HasSubstr("stale=true"));
  const auto wrong_and_late = attempt(given, "bob", "wrong", 1);
  EXPECT_THAT(wrong_and_late.header(HeaderId::www_authenticate), testing::Not(HasSubstr("stale")));
  auto other_realm = challenge();
  other_realm.replace(other_realm.find("example.org"), 11, "example.com");
  EXPECT_EQ(attempt(other_realm, "bob", "secret", 1).status(), 401);
}

TEST_F(RegistrarTest, AsksForCredentialsThatAreNotKnownHere) {
  world.credentials.caches = false;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 200);
  EXPECT_EQ(world.credentials.finds, 1U);
  // A nonce that nobody gave costs no lookup.
  auto request = parsed(register_text("77"));
  request.append(HeaderId::authorization,
                 answer_challenge("realm=\"example.org\" nonce=\"forged\"", "bob", "secret",
                                  "REGISTER", "sip:example.org"));
  world.send(phone, node, request.serialize());
  EXPECT_EQ(phone.take_message().status(), 401);
  EXPECT_EQ(world.credentials.finds, 1U);
}

TEST_F(RegistrarTest, NoticesThatAPasswordHasChanged) {
  struct Stale final : CredentialService {
    std::optional<Credential> cached(std::string_view /*aor*/, seconds /*max_age*/) override {
      return old;
    }
    void find(std::string /*aor*/, UserQuestion /*question*/, Handler<FoundUser> done) override {
      waiting = std::move(done);
    }
    Credential old{};
    Handler<FoundUser> waiting;
  } service;
  service.old = make_credential(aor, "old");
  TimerQueue timers;
  SeededRandom random{1};
  SipCore core{World::default_options(), timers, random, node.locations, service, {}};
  const auto local = core.add_local_transport(Transport::udp, {"10.0.0.9", 5060});
  core.handle_time(world.now);
  const auto send = [&](const std::string& text) {
    core.handle_datagram(local, phone.address, as_bytes(text));
    const auto action = core.poll_action();
    return action ? std::get<SendDatagram>(*action).octets : std::string{};
  };
  const auto given = parsed(send(register_text("1")));
  auto request = parsed(register_text("2"));
  request.append(HeaderId::authorization,
                 answer_challenge(given.header(HeaderId::www_authenticate), "bob", "secret",
                                  "REGISTER", "sip:example.org"));
  EXPECT_EQ(send(request.serialize()), "");
  ASSERT_TRUE(service.waiting);
  service.waiting(FoundUser{make_credential(aor, "secret"), {}});
  world.settle();
  ASSERT_TRUE(core.poll_action().has_value());
}

TEST_F(RegistrarTest, WhoeverIsAUserNoMoreMayRefreshForAWhileButChangeNothing) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  world.credentials.remembered[aor] = world.credentials.users[aor];
  world.credentials.age = seconds{100};
  world.credentials.users.erase(aor);
  const auto finds = world.credentials.finds;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 200);
  EXPECT_EQ(world.credentials.finds, finds) << "a refresh asks nobody";
  const auto publishes = world.locations.publishes;
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5070>").status(), 404);
  EXPECT_EQ(world.credentials.finds, finds + 1);
  EXPECT_EQ(world.locations.publishes, publishes);
  world.credentials.age = seconds{301};
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>").status(), 404) << "nor refresh for ever";
}

TEST_F(RegistrarTest, AnOldPasswordChangesNothing) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  world.credentials.remembered[aor] = world.credentials.users[aor];
  world.credentials.age = seconds{100};
  world.credentials.add(aor, "new");
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5070>").status(), 401);
  world.credentials.age = seconds{30};
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5070>").status(), 200) << "what is known is young";
}

TEST_F(RegistrarTest, AnOperatorTakesAwayAllBindings) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  auto& second = world.add_phone("192.0.2.2");
  world.register_phone(second, other, "bob", "<sip:bob@192.0.2.2:5060>");
  ASSERT_EQ(contacts(fetch(node)).size(), 2U);
  world.advance(seconds{1});
  int done = 0;
  const auto remove = [&](const std::string& whose) {
    node.core.handle_time(world.now);
    node.core.remove_bindings(whose, [&](const Result<void>& removed) { done += removed ? 1 : 0; });
    world.settle();
  };
  remove(aor);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(contacts(fetch(node)).empty());
  EXPECT_TRUE(contacts(fetch(other)).empty());
  const auto publishes = world.locations.publishes;
  remove("nobody@example.org");
  EXPECT_EQ(done, 2);
  EXPECT_EQ(world.locations.publishes, publishes) << "where nothing was";
  EXPECT_EQ(node.core.gauges().aors, 1U) << "the removal, until what it undid has expired";
}

TEST_F(RegistrarTest, UserNamesMayBearTheDomain) {
  const auto given = challenge();
  auto request = parsed(register_text("3"));
  request.append(HeaderId::authorization,
                 answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org", 1,
                                  "bob@example.org"));
  world.send(phone, node, request.serialize());
  EXPECT_EQ(phone.take_message().status(), 200);
}

TEST_F(RegistrarTest, KnowsWhichDomainsAndUsersThereAre) {
  const auto answer = [&](const std::string& uri, const std::string& to) {
    world.send(
        phone, node,
        lines({"REGISTER " + uri + " SIP/2.0",
               "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKd" + std::to_string(++probe),
               "From: <" + to + ">;tag=f", "To: <" + to + ">", "Call-ID: d", "CSeq: 1 REGISTER"}));
    return phone.take_message().status();
  };
  EXPECT_EQ(answer("sip:example.com", "sip:bob@example.com"), 404);
  EXPECT_EQ(answer("sip:example.org", "sip:bob@example.com"), 404);
  EXPECT_EQ(answer("sip:example.org", "sip:example.org"), 404);
  EXPECT_EQ(answer("sip:EXAMPLE.org", "sip:bob@Example.Org"), 401);
  EXPECT_EQ(answer("sip:10.0.0.1", "sip:bob@10.0.0.1"), 401) << "our address means the domain";
  EXPECT_EQ(answer("sips:example.org", "sip:bob@example.org"), 416);
  EXPECT_EQ(answer("tel:+1", "sip:bob@example.org"), 416);
  EXPECT_EQ(world.register_phone(phone, node, "mallory", "<sip:m@192.0.2.1:5060>").status(), 404);
}

TEST_F(RegistrarTest, MakesOneAddressOfRecordOfItsSpellings) {
  const auto send = [&](const std::string& to) {
    auto text = register_text(std::to_string(++probe));
    text.replace(text.find("To: <sip:bob@example.org>"), 25, "To: <" + to + ">");
    world.send_authenticated(phone, node, text, "bob");
    return phone.take_message().status();
  };
  EXPECT_EQ(send("sip:%62ob@EXAMPLE.org:5060;user=phone"), 200);
  EXPECT_EQ(world.locations.entries.size(), 1U);
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings.size(), 1U);
}

TEST_F(RegistrarTest, RefusesWhatItCannotRead) {
  for (const auto* contact : {"<sip:bob@192.0.2.1", "<>", "mailto:bob@example.org", "<tel:+1>",
                              "sip:bob@192.0.2.1?Route=%3Csip:x%3E", "<sip:b%2500b@192.0.2.1>"}) {
    EXPECT_EQ(register_bob(contact).status(), 400) << contact;
  }
  EXPECT_EQ(register_bob("<sip:bob@192.0.2.1:5060>", "Path: <sip:edge\r\n").status(), 400);
  const auto response = register_bob("<sip:bob@192.0.2.1:5060>", "Require: path, foo, x\r\n");
  EXPECT_EQ(response.status(), 420);
  EXPECT_EQ(response.header(HeaderId::unsupported), "foo, x");
}

TEST_F(RegistrarTest, IsBoundedPerUser) {
  std::string many;
  for (int i = 1; i <= 11; ++i) {
    many += (many.empty() ? "" : ", ") + ("<sip:bob@192.0.2." + std::to_string(i) + ">");
  }
  EXPECT_EQ(register_bob(many).status(), 403);
  EXPECT_TRUE(world.locations.entries[aor].empty()) << "all or nothing";
}

TEST_F(RegistrarTest, StoresPathAndInstance) {
  const auto response = register_bob(
      "<sip:bob@10.9.9.9>;+sip.instance=\"<urn:uuid:1>\";reg-id=1",
      "Supported: path\r\nPath: <sip:192.0.2.1:5060;lr>, <sip:edge2.example.org;lr>\r\n");
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.count(HeaderId::path), 2U);
  EXPECT_THAT(
      contacts(response),
      ElementsAre("<sip:bob@10.9.9.9>;expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=1"));
  const auto& binding = world.locations.entries[aor]["peer-10.0.0.1"].bindings[0];
  EXPECT_THAT(binding.path, ElementsAre("<sip:192.0.2.1:5060;lr>", "<sip:edge2.example.org;lr>"));
  EXPECT_EQ(binding.flow_token, "") << "the edge proxy can be reached by anybody";
  // The phone has moved, but is the same.
  const auto moved = register_bob("<sip:bob@10.9.9.10>;+sip.instance=\"<urn:uuid:1>\";reg-id=1");
  EXPECT_THAT(contacts(moved), ElementsAre(StartsWith("<sip:bob@10.9.9.10>")));
  const auto second = register_bob("<sip:bob@10.9.9.11>;+sip.instance=\"<urn:uuid:1>\";reg-id=2");
  EXPECT_EQ(contacts(second).size(), 2U);
}

TEST_F(RegistrarTest, BindingsOfOtherPeersAreSeenAndRemoved) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  EXPECT_THAT(contacts(fetch(other)), ElementsAre(StartsWith("<sip:bob@192.0.2.1:5060>")));
  world.advance(seconds{1});
  auto response = world.register_phone(phone, other, "bob", "<sip:bob@192.0.2.1:5060>;expires=0");
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(contacts(response).empty());
  EXPECT_TRUE(contacts(fetch(node)).empty());
  world.advance(seconds{1});
  // The serving peer has learnt of it, and takes the phone for a new one.
  EXPECT_EQ(contacts(register_bob("<sip:bob@192.0.2.1:5060>")).size(), 1U);
  EXPECT_EQ(contacts(fetch(other)).size(), 1U);
  world.advance(seconds{1});
  response = world.register_phone(phone, other, "bob", "*", "Expires: 0\r\n");
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(contacts(fetch(node)).empty());
  EXPECT_TRUE(contacts(fetch(other)).empty());
}

TEST_F(RegistrarTest, ARemovalUndoesWhatAPeerWithAFasterClockHasStored) {
  for (const auto* removal : {"<sip:bob@192.0.2.1:5060>;expires=0", "*"}) {
    register_bob("<sip:bob@192.0.2.1:5060>");
    world.locations.entries[aor]["peer-10.0.0.1"].bindings.at(0).updated += seconds{5};
    auto response = world.register_phone(phone, other, "bob", removal, "Expires: 0\r\n");
    EXPECT_EQ(response.status(), 200);
    EXPECT_TRUE(contacts(fetch(node)).empty()) << removal;
    world.advance(seconds{10});
  }
}

TEST_F(RegistrarTest, APhoneThatMovesToAnotherPeerHasOneBinding) {
  const std::string contact = "<sip:bob@192.0.2.1:5060>";
  register_bob(contact);
  world.advance(seconds{10});
  EXPECT_EQ(contacts(world.register_phone(phone, other, "bob", contact)).size(), 1U);
  EXPECT_EQ(contacts(fetch(node)).size(), 1U);
  EXPECT_EQ(contacts(fetch(other)).size(), 1U);
}

/// Else a copy on a disk that was away comes to life again when the removal is forgotten.
TEST_F(RegistrarTest, ARemovalIsKeptAsLongAsWhatItRemovesWouldHaveBeen) {
  world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.1:5060>", "Expires: 7200\r\n");
  const auto stored = world.locations.last_lifetime;
  EXPECT_GE(stored, seconds{7200});
  world.advance(seconds{60});
  world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.1:5060>;expires=0");
  EXPECT_GE(world.locations.last_lifetime, stored - seconds{61});
}

TEST_F(RegistrarTest, WhatAPhoneHadAtAnotherPeerDoesNotComeBackWhenItRemovesTheNewOne) {
  const std::string instance = ";+sip.instance=\"<urn:uuid:1>\"";
  for (const auto* removal : {"<sip:bob@192.0.2.1:5062>;expires=0", "*"}) {
    register_bob("<sip:bob@192.0.2.1:5060>" + instance);
    world.advance(seconds{10});
    const auto contact = "<sip:bob@192.0.2.1:5062>" + instance;
    EXPECT_EQ(contacts(world.register_phone(phone, other, "bob", contact)).size(), 1U);
    const auto wanted = std::string{removal} == "*" ? "*" : removal + instance;
    EXPECT_EQ(world.register_phone(phone, other, "bob", wanted, "Expires: 0\r\n").status(), 200);
    EXPECT_TRUE(contacts(fetch(node)).empty()) << removal;
    EXPECT_TRUE(contacts(fetch(other)).empty()) << removal;
    world.advance(seconds{10});
  }
}

TEST_F(RegistrarTest, TheNewestRegistrationWinsAlsoByAClockThatIsBehind) {
  const std::string instance = ";+sip.instance=\"<urn:uuid:1>\"";
  register_bob("<sip:bob@192.0.2.1:5060>" + instance);
  world.locations.entries[aor]["peer-10.0.0.1"].bindings.at(0).updated += seconds{3600};
  const auto moved = "<sip:bob@192.0.2.1:5062>" + instance;
  const auto response = world.register_phone(phone, other, "bob", moved);
  EXPECT_EQ(contacts(response).size(), 1U);
  for (auto* at : {&node, &other}) {
    const auto found = contacts(fetch(*at));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find("5062"), std::string::npos) << found[0];
  }
  // And back again: the clock here is behind what the other peer has written meanwhile.
  register_bob("<sip:bob@192.0.2.1:5064>" + instance);
  const auto found = contacts(fetch(other));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("5064"), std::string::npos) << found[0];
}

TEST_F(RegistrarTest, AClosedConnectionTakesItsBindingsAlong) {
  auto& tcp = world.connect_phone(node, "192.0.2.7", 40123);
  const auto response =
      world.register_phone(tcp, node, "bob", "<sip:bob@192.0.2.7:5060;transport=tcp>");
  EXPECT_EQ(response.status(), 200);
  EXPECT_NE(world.locations.entries[aor]["peer-10.0.0.1"].bindings[0].flow_token, "");
  world.disconnect(tcp);
  EXPECT_TRUE(world.locations.entries[aor].empty());
}

TEST_F(RegistrarTest, AConnectionThatClosesWhileItsBindingIsPublishedTakesItAlong) {
  auto& tcp = world.connect_phone(node, "192.0.2.7", 40123);
  world.send(tcp, register_text("1"));
  const auto given = std::string{tcp.take_message().header(HeaderId::www_authenticate)};
  auto request = parsed(register_text("2"));
  request.append(HeaderId::authorization,
                 answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org"));
  world.locations.hold = true;
  world.send(tcp, request.serialize());
  world.disconnect(tcp);
  world.locations.hold = false;
  world.settle();
  EXPECT_TRUE(world.locations.entries[aor].empty());
}

TEST_F(RegistrarTest, DrainsBeforeLeaving) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  auto& tcp = world.connect_phone(node, "192.0.2.7", 40123);
  world.register_phone(tcp, node, "carol", "<sip:carol@192.0.2.7;transport=tcp>");
  node.core.start_draining();
  const auto response = register_bob("<sip:bob@192.0.2.1:5060>");
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has(HeaderId::retry_after));
  EXPECT_TRUE(node.core.drained());
  node.core.close_flows();
  world.settle();
  EXPECT_FALSE(tcp.connected);
  EXPECT_EQ(world.locations.entries["carol@example.org"].size(), 1U) << "replaced elsewhere";
}

TEST_F(RegistrarTest, SendsPhonesAwaySomeAtATime) {
  std::vector<Phone*> phones;
  for (std::uint16_t port = 40001; port <= 40005; ++port) {
    auto& tcp = world.connect_phone(node, "192.0.2.7", port);
    world.register_phone(tcp, node, "carol",
                         "<sip:carol@192.0.2.7:" + std::to_string(port) + ";transport=tcp>");
    phones.push_back(&tcp);
  }
  const auto connected = [&] {
    return static_cast<std::size_t>(
        std::ranges::count_if(phones, [](const Phone* phone) { return phone->connected; }));
  };
  const auto registered = [&] {
    const auto& entries = world.locations.entries["carol@example.org"];
    const auto own = entries.find("peer-10.0.0.1");
    return own == entries.end() ? 0U : own->second.bindings.size();
  };
  EXPECT_EQ(registered(), 5U);
  EXPECT_EQ(node.core.gauges().phone_flows, 5U);
  node.core.start_draining();
  for (const std::size_t left : {3U, 1U, 0U, 0U}) {
    node.core.send_phones_away(2, true);
    world.settle();
    EXPECT_EQ(connected(), left);
    EXPECT_EQ(registered(), left) << "what hung on the connections is taken back";
    EXPECT_EQ(node.core.gauges().phone_flows, left);
  }
}

TEST_F(RegistrarTest, WhoWaitsForAnAnswerIsSentAwayLast) {
  auto& tcp = world.connect_phone(node, "192.0.2.7", 40123);
  world.send(tcp, register_text("1"));
  const auto given = std::string{tcp.take_message().header(HeaderId::www_authenticate)};
  auto request = parsed(register_text("2"));
  request.append(HeaderId::authorization,
                 answer_challenge(given, "bob", "secret", "REGISTER", "sip:example.org"));
  world.locations.hold = true;
  world.send(tcp, request.serialize());
  node.core.start_draining();
  node.core.send_phones_away(10, true);
  world.settle();
  EXPECT_TRUE(tcp.connected);
  node.core.send_phones_away(10, false);
  world.settle();
  EXPECT_FALSE(tcp.connected);
  world.locations.hold = false;
  world.settle();
}

TEST_F(RegistrarTest, TellsWhatItHasPublished) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  EXPECT_THAT(node.core.own_aors(), ElementsAre(aor));
  EXPECT_EQ(node.core.own_entry(aor), world.locations.entries[aor]["peer-10.0.0.1"]);
  EXPECT_FALSE(node.core.own_entry("alice@example.org"));
}

TEST_F(RegistrarTest, ARestartedPeerKeepsWhatItHadPublished) {
  register_bob("<sip:bob@192.0.2.1:5060>");
  auto& second_phone = world.add_phone("198.51.100.7");
  // The same peer anew: same name, same address, empty memory.
  auto& again = world.add_node("10.0.0.1");
  const auto response = world.register_phone(second_phone, again, "bob", "<sip:bob@198.51.100.7>");
  EXPECT_EQ(contacts(response).size(), 2U);
  EXPECT_EQ(world.locations.entries[aor]["peer-10.0.0.1"].bindings.size(), 2U);
}

TEST_F(RegistrarTest, OutlivesHandlersThatComeTooLate) {
  auto short_lived = std::make_unique<World>();
  auto& doomed = short_lived->add_node("10.0.0.3");
  auto& caller = short_lived->add_phone("192.0.2.1");
  short_lived->locations.hold = true;
  short_lived->credentials.caches = false;
  short_lived->send_authenticated(caller, doomed, register_text("1"), "bob");
  auto waiting = std::move(short_lived->locations.waiting);
  EXPECT_FALSE(waiting.empty());
  short_lived->nodes.clear();
  for (auto& handler : waiting)
    handler();
}

}  // namespace
}  // namespace carillon::sip
