#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/writer.hpp"
#include "io/dns_records.hpp"
#include "io/dns_resolver.hpp"
#include "io/dns_ttl.hpp"

namespace carillon::io {
namespace {

/// An answer (RFC 1035, 4.1) to a question for `type` of "a.example".
class Answer {
 public:
  explicit Answer(std::uint16_t type, std::uint16_t answers, std::uint16_t authorities = 0) {
    out_.u16(1);
    out_.u16(0x8180);
    for (const auto count : {std::uint16_t{1}, answers, authorities, std::uint16_t{0}})
      out_.u16(count);
    out_.bytes(as_bytes(std::string_view{"\1a\7example\0", 11}));
    out_.u16(type);
    out_.u16(1);
  }
  Answer& record(std::uint16_t type, std::uint32_t ttl, std::string_view data) {
    out_.u16(0xC00C);  // The name of the question.
    out_.u16(type);
    out_.u16(1);
    out_.u32(ttl);
    out_.opaque16(as_bytes(data));
    return *this;
  }
  [[nodiscard]] ByteView octets() const { return out_.view(); }

 private:
  Writer out_;
};

constexpr std::string_view address{"\xC0\0\2\1", 4};
/// Two names of the root, four numbers, and the minimum: 60.
constexpr std::string_view soa{"\0\0aaaabbbbccccdddd\0\0\0\x3C", 22};

TEST(DnsTtl, IsTheLeastOfTheRecords) {
  Answer answer{1, 2};
  answer.record(1, 300, address).record(1, 20, address);
  EXPECT_EQ(dns_ttl(answer.octets()), seconds{20});
  const auto read = read_dns_answer(answer.octets(), sip::DnsType::a);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records.front().text, "192.0.2.1");
  EXPECT_EQ(read.ttl, seconds{20});
}

TEST(DnsTtl, OfNothingIsWhatTheZoneSays) {
  EXPECT_EQ(dns_ttl(Answer{1, 0, 1}.record(6, 900, soa).octets()), seconds{60});
  EXPECT_EQ(dns_ttl(Answer{1, 0, 1}.record(6, 30, soa).octets()), seconds{30});
  EXPECT_EQ(dns_ttl(Answer{1, 0, 1}.record(2, 30, "x").octets()), seconds{0}) << "no SOA";
  EXPECT_EQ(dns_ttl(Answer{1, 0}.octets()), seconds{0});
}

TEST(DnsTtl, OfWhatCannotBeReadIsNone) {
  Answer answer{1, 1};
  answer.record(1, 300, address);
  for (std::size_t size = 0; size < answer.octets().size(); ++size)
    EXPECT_EQ(dns_ttl(answer.octets().first(size)), seconds{0}) << size;
  EXPECT_EQ(dns_ttl(Answer{1, 1}.record(1, 0x80000001, address).octets()), seconds{0});
}

TEST(DnsResolver, ReadsTheHostsFileFirst) {
  EventLoop loop;
  // Nobody answers there: what is found is not asked for.
  auto resolver = DnsResolver::create(loop, {"127.0.0.1:9"}, {.begin_input = [] {}, .done = [] {}});
  ASSERT_TRUE(resolver);
  std::optional<Result<sip::DnsAnswer>> found;
  (*resolver)->look_up("localhost", sip::DnsType::a,
                       [&](Result<sip::DnsAnswer> answer) { found = std::move(answer); });
  ASSERT_TRUE(loop.run_until([&] { return found.has_value(); }, milliseconds{1'000}));
  ASSERT_TRUE(*found);
  ASSERT_FALSE((*found)->records.empty());
  EXPECT_EQ((*found)->records.front().text, "127.0.0.1");
  EXPECT_GT((*found)->ttl, seconds{0});
}

}  // namespace
}  // namespace carillon::io
