#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sip/world.hpp"

namespace carillon::sip::test {

/// A DNS that knows addresses alone.
class Names final : public DnsService {
 public:
  void look_up(std::string name, DnsType type, Handler<DnsAnswer> done) override {
    if (broken) return done(fail(ErrorCode::unreachable, "DNS", "nobody there"));
    DnsAnswer answer;
    if (type == DnsType::a) {
      for (const auto& address : addresses[name])
        answer.records.push_back({.text = address});
    }
    done(std::move(answer));
  }
  std::map<std::string, std::vector<std::string>> addresses;
  bool broken{false};
};

/// A peer with trunks, a user who calls, and two gateways.
class TrunkTest : public testing::Test {
 protected:
  Node& node_with(const std::vector<std::string>& trunks,
                  std::vector<std::string> what = {"numbers"}, const std::string& trusted = {}) {
    auto options = World::default_options();
    for (const auto& uri : trunks)
      options.trunks.push_back({.uri = uri});
    options.trunk_for = std::move(what);
    if (!trusted.empty()) EXPECT_TRUE(options.trusted.add(trusted));
    return world.add_node("10.0.0.1", options);
  }
  std::string request(const std::string& uri, const std::string& more = {},
                      const std::string& method = "INVITE",
                      const std::string& from = "alice@example.org") {
    const auto n = std::to_string(++number);
    return lines({method + " " + uri + " SIP/2.0" + (more.empty() ? "" : "\r\n" + more),
                  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKt" + n + ";rport",
                  "Max-Forwards: 70", "From: <sip:" + from + ">;tag=f", "To: <" + uri + ">",
                  "Call-ID: t" + n, "CSeq: 1 " + method, "Contact: <sip:alice@192.0.2.1>"});
  }
  void call(Node& node, const std::string& uri, const std::string& more = {}) {
    world.send_authenticated(alice, node, request(uri, more), "alice");
  }
  int status_of(Node& node, const std::string& uri) {
    call(node, uri);
    return last_status();
  }
  int last_status() {
    int status = 0;
    while (!alice.inbox.empty())
      status = alice.take_message().status();
    return status;
  }
  static std::string uri_at(Phone& gateway) {
    return std::string{gateway.take_message().request_uri()};
  }

  Names names;
  World world;
  Phone& alice = world.add_phone("192.0.2.1");
  Phone& first = world.add_phone("198.51.100.1");
  Phone& second = world.add_phone("198.51.100.2");
  int number{0};
};

}  // namespace carillon::sip::test
