#include "sip/server_locator.hpp"

#include <map>

#include <gmock/gmock.h>

namespace carillon::sip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Answers at once from a table.
class Zone final : public DnsService {
 public:
  void look_up(std::string name, DnsType type, Handler<DnsAnswer> done) override {
    ++asked;
    if (broken) return done(fail(ErrorCode::unreachable, "DNS", "nobody there"));
    done(DnsAnswer{records[{name, type}], ttl});
  }
  std::map<std::pair<std::string, DnsType>, std::vector<DnsRecord>> records;
  seconds ttl{0};
  std::size_t asked{0};
  bool broken{false};
};

class LocatorTest : public testing::Test {
 protected:
  LocatorTest() {
    for (const auto transport : {Transport::udp, Transport::tcp, Transport::tls})
      transports.add_local(transport, {"10.0.0.1", 5060});
    locator.set_service(&zone);
    zone.records[{"a.example", DnsType::a}] = {{.text = "192.0.2.1"}};
    zone.records[{"b.example", DnsType::a}] = {{.text = "192.0.2.2"}, {.text = "192.0.2.3"}};
    zone.records[{"b.example", DnsType::aaaa}] = {{.text = "2001:db8::2"}};
  }
  std::vector<Server> locate(ServerQuery query) {
    std::optional<std::vector<Server>> found;
    locator.locate(std::move(query), [&](std::vector<Server> servers) { found = servers; });
    EXPECT_TRUE(found);
    return found.value_or(std::vector<Server>{});
  }

  TimerQueue timers;
  SeededRandom random{1};
  CoreContext context{{}, timers, random, {}};
  Transports transports{context};
  ServerLocator locator{context, transports};
  Zone zone;
};

const Server a_udp{Transport::udp, {"192.0.2.1", 5060}};

TEST_F(LocatorTest, AddressesAloneIfAPortIsGiven) {
  EXPECT_THAT(locate({"b.example", 5070, {}, false}),
              ElementsAre(Server{Transport::udp, {"192.0.2.2", 5070}},
                          Server{Transport::udp, {"192.0.2.3", 5070}}));
  EXPECT_THAT(locate({"a.example", 5070, {}, true}),
              ElementsAre(Server{Transport::tls, {"192.0.2.1", 5070}}));
  EXPECT_EQ(zone.asked, 2U);
}

TEST_F(LocatorTest, NoRecordsButAddresses) {
  EXPECT_THAT(locate({"a.example", 0, {}, false}), ElementsAre(a_udp));
  EXPECT_THAT(locate({"a.example", 0, Transport::tls, false}),
              ElementsAre(Server{Transport::tls, {"192.0.2.1", 5061}}));
  EXPECT_THAT(locate({"nobody.example", 0, {}, false}), IsEmpty());
}

TEST_F(LocatorTest, NaptrSaysWhichTransports) {
  zone.records[{"example", DnsType::naptr}] = {
      {"_sip._udp.example", 2, 1, 0, "SIP+D2U", "s"},
      {"_sips._tcp.example", 1, 2, 0, "SIPS+D2T", "S"},
      {"_sip._sctp.example", 1, 1, 0, "SIP+D2S", "s"},
      {"_sip._tcp.example", 0, 0, 0, "SIP+D2T", "u"},
  };
  zone.records[{"_sip._udp.example", DnsType::srv}] = {{"a.example", 1, 0, 5060}};
  zone.records[{"_sips._tcp.example", DnsType::srv}] = {{"a.example", 1, 0, 5071}};
  const Server secure{Transport::tls, {"192.0.2.1", 5071}};
  EXPECT_THAT(locate({"example", 0, {}, false}), ElementsAre(secure, a_udp));
  EXPECT_THAT(locate({"example", 0, {}, true}), ElementsAre(secure));
}

TEST_F(LocatorTest, SrvByPriorityAndAllAddresses) {
  zone.records[{"_sip._udp.example", DnsType::srv}] = {{"b.example", 2, 0, 5080},
                                                       {"192.0.2.9", 3, 0, 5090},
                                                       {"a.example", 1, 0, 5060},
                                                       {"", 0, 0, 0}};
  EXPECT_THAT(locate({"example", 0, Transport::udp, false}),
              ElementsAre(a_udp, Server{Transport::udp, {"192.0.2.2", 5080}},
                          Server{Transport::udp, {"192.0.2.3", 5080}},
                          Server{Transport::udp, {"192.0.2.9", 5090}}));
}

TEST_F(LocatorTest, Ipv6OnlyIfWeSpeakIt) {
  transports.add_local(Transport::udp, {"2001:db8::1", 5060});
  EXPECT_THAT(locate({"b.example", 5060, Transport::udp, false}),
              ElementsAre(Server{Transport::udp, {"192.0.2.2", 5060}},
                          Server{Transport::udp, {"192.0.2.3", 5060}},
                          Server{Transport::udp, {"2001:db8::2", 5060}}));
}

TEST_F(LocatorTest, ABrokenDnsFindsNobody) {
  zone.broken = true;
  EXPECT_THAT(locate({"a.example", 0, {}, false}), IsEmpty());
  locator.set_service(nullptr);
  EXPECT_THAT(locate({"a.example", 0, {}, false}), IsEmpty());
}

TEST_F(LocatorTest, NoMoreServersThanAreTried) {
  for (std::uint16_t i = 0; i < 30; ++i)
    zone.records[{"_sip._udp.example", DnsType::srv}].push_back({"a.example", i, 0, 5060});
  EXPECT_EQ(locate({"example", 0, Transport::udp, false}).size(), ServerLocator::max_servers);
}

TEST(SrvOrder, WeightsAreChances) {
  SeededRandom random{7};
  std::map<std::string, int> first;
  for (int i = 0; i < 4000; ++i) {
    std::vector<DnsRecord> records{{"last", 2, 9, 0}, {"rare", 1, 10, 0}, {"often", 1, 30, 0}};
    sort_by_priority(records, random);
    ++first[records.front().text];
    EXPECT_EQ(records.back().text, "last");
  }
  EXPECT_EQ(first["last"], 0);
  EXPECT_GT(first["often"], 2 * first["rare"]);
  EXPECT_GT(first["rare"], 400);
}

TEST_F(LocatorTest, WhatWasSaidHoldsForItsTime) {
  zone.ttl = seconds{30};
  EXPECT_THAT(locate({"a.example", 0, {}, false}), ElementsAre(a_udp));
  const auto asked = zone.asked;
  zone.records.clear();
  context.now.monotonic += seconds{29};
  EXPECT_THAT(locate({"a.example", 0, {}, false}), ElementsAre(a_udp));
  EXPECT_EQ(zone.asked, asked) << "that there are no NAPTR and SRV is known, too";
  context.now.monotonic += seconds{2};
  EXPECT_THAT(locate({"a.example", 0, {}, false}), IsEmpty());
  EXPECT_GT(zone.asked, asked);
}

TEST_F(LocatorTest, NoAnswerIsNotKept) {
  zone.ttl = seconds{30};
  zone.broken = true;
  EXPECT_THAT(locate({"a.example", 0, {}, false}), IsEmpty());
  zone.broken = false;
  EXPECT_THAT(locate({"a.example", 0, {}, false}), ElementsAre(a_udp));
}

TEST(DnsCacheTest, IsBoundedInTimeAndSize) {
  DnsCache cache;
  const MonotonicTime now{seconds{1000}};
  const std::vector<DnsRecord> records{{.text = "192.0.2.1"}};
  cache.keep("a", DnsType::a, {records, seconds{1'000'000}}, now);
  cache.keep("a", DnsType::aaaa, {{}, seconds{1'000'000}}, now);
  cache.keep("b", DnsType::a, {records, seconds{0}}, now);
  EXPECT_EQ(cache.find("b", DnsType::a, now), nullptr) << "not to be kept";
  EXPECT_NE(cache.find("a", DnsType::a, now + DnsCache::max_ttl - seconds{1}), nullptr);
  EXPECT_EQ(cache.find("a", DnsType::a, now + DnsCache::max_ttl), nullptr);
  ASSERT_NE(cache.find("a", DnsType::aaaa, now), nullptr);
  EXPECT_TRUE(cache.find("a", DnsType::aaaa, now)->empty());
  EXPECT_EQ(cache.find("a", DnsType::aaaa, now + DnsCache::max_negative_ttl), nullptr);
  for (std::size_t i = 0; i < 2 * DnsCache::max_entries; ++i)
    cache.keep("host" + std::to_string(i), DnsType::a, {records, seconds{60}}, now);
  EXPECT_EQ(cache.find("a", DnsType::a, now), nullptr);
  EXPECT_NE(cache.find("host8191", DnsType::a, now), nullptr);
}

}  // namespace
}  // namespace carillon::sip
