// RFC 6940, 6: "RELOAD's routing allows peers to reroute messages when a failure is detected".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network.hpp"

namespace carillon::forwarding {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using wire::Destination;
using wire::MessageCode;

const ResourceId wanted{Bytes(16, 0x77)};

/// 0 sends to 1, which sends to 2 by way of `first`; `second` is connected, too.
class Reroute : public testing::Test {
 protected:
  static constexpr std::size_t asker = 0, middle = 1, first = 2, second = 3;

  Reroute() : net(4) {
    net.connect(asker, middle);
    net.connect(middle, first);
    net.connect(middle, second);
    net[asker].oracle.next = net[middle].id();
    net[middle].oracle.next = net[first].id();
    net[first].oracle.resources.insert(wanted);
    net[second].oracle.resources.insert(wanted);
    net.lost = [](std::size_t, std::size_t to) { return to == first; };
  }

  void send(MessageCode code = MessageCode::ping_req) {
    ASSERT_TRUE(
        net[asker].forwarding.send(net.now, header_to({Destination(wanted)}), payload_of(code)));
    net.settle();
  }
  void lose_first() {
    auto& links = net[middle].forwarding.links();
    links.handle_closed(net.now, links.find(net[first].id()).value(), "reset");
    net[middle].oracle.next = net[second].id();
  }

  Network net;
};

TEST_F(Reroute, what_the_dead_did_not_acknowledge_goes_another_way) {
  send();
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now)) << "nobody is gone";
  lose_first();
  EXPECT_TRUE(net[middle].forwarding.reroute(net.now));
  net.settle();
  const auto arrived = net[second].take_delivered();
  ASSERT_THAT(arrived, SizeIs(1));
  EXPECT_THAT(arrived[0].header.via_list, ElementsAre(Destination(net[asker].id())));
  EXPECT_THAT(arrived[0].return_path,
              ElementsAre(Destination(net[middle].id()), Destination(net[asker].id())));
  EXPECT_EQ(arrived[0].header.ttl, 99) << "as if it had gone this way at first";
  EXPECT_EQ(net[middle].forwarding.counters().rerouted, 1U);
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now)) << "once";
}

TEST_F(Reroute, who_takes_over_answers_itself) {
  send();
  lose_first();
  net[middle].oracle.resources.insert(wanted);
  EXPECT_TRUE(net[middle].forwarding.reroute(net.now));
  const auto arrived = net[middle].take_delivered();
  ASSERT_THAT(arrived, SizeIs(1));
  EXPECT_THAT(arrived[0].return_path, ElementsAre(Destination(net[asker].id())));
  EXPECT_THAT(arrived[0].header.via_list, IsEmpty());
}

TEST_F(Reroute, where_there_is_no_other_way_it_ends) {
  send();
  lose_first();
  net[middle].oracle.next.reset();
  (void)net[middle].forwarding.reroute(net.now);
  net.settle();
  EXPECT_THAT(net[second].take_delivered(), IsEmpty());
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now));
}

TEST_F(Reroute, not_what_was_acknowledged) {
  net.lost = {};
  send();
  lose_first();
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now));
}

TEST_F(Reroute, not_answers_and_not_our_own) {
  send(MessageCode::ping_ans);
  ASSERT_TRUE(net[middle].forwarding.send(net.now, header_to({Destination(wanted)}), ping));
  lose_first();
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now));
}

TEST_F(Reroute, not_while_the_node_has_another_connection) {
  send();
  net.connect(middle, first);
  net.run_until(net.now.monotonic + seconds{2});
  EXPECT_FALSE(net[middle].forwarding.reroute(net.now));
}

}  // namespace
}  // namespace carillon::forwarding
