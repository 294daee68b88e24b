#include "io/event_loop.hpp"

#include <csignal>
#include <cstdlib>

#include <boost/asio/post.hpp>

#include "io/clocks.hpp"
#include "io/driven_core.hpp"
#include "io/secure_random.hpp"
#include "io/socket_address.hpp"
#include "loop_support.hpp"

namespace carillon::io {
namespace {

using security::fails_with;

/// Counts its turns; has work, or a deadline, when told to.
class CountingCore final : public DrivenCore {
 public:
  void handle_time(Now now) override {
    time = now;
    ++times_told;
    if (deadline && *deadline <= now.monotonic) {
      deadline.reset();
      deadline_met = true;
    }
  }
  bool finish_turn() override {
    ++finished;
    if (work == 0) return false;
    --work;
    return true;
  }
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const override { return deadline; }

  Now time{};
  int times_told{0};
  int finished{0};
  int work{0};
  std::optional<MonotonicTime> deadline;
  bool deadline_met{false};
};

TEST(CoreScheduler, CoresLearnOneTimeBeforeTheFirstInput) {
  EventLoop loop;
  CoreScheduler scheduler(loop);
  CountingCore first;
  CountingCore second;
  scheduler.add_core(first);
  scheduler.add_core(second);
  scheduler.begin_input();
  scheduler.begin_input();
  EXPECT_EQ(first.times_told, 1);
  EXPECT_EQ(first.time.monotonic, second.time.monotonic);
}

TEST(CoreScheduler, ATurnEndsWhenNoCoreHasMoreToDo) {
  EventLoop loop;
  CoreScheduler scheduler(loop);
  CountingCore first;
  CountingCore second;
  second.work = 3;
  scheduler.add_core(first);
  scheduler.add_core(second);
  bool ran = false;
  boost::asio::post(loop.context(), [&ran] { ran = true; });
  ASSERT_TRUE(reaches(loop, [&ran] { return ran; }));
  EXPECT_EQ(first.finished, 4) << "what the second did may have given the first something to do";
}

TEST(CoreScheduler, WakesForTheEarliestDeadline) {
  EventLoop loop;
  CoreScheduler scheduler(loop);
  CountingCore core;
  core.deadline = read_clocks().monotonic + milliseconds{5};
  scheduler.add_core(core);
  EXPECT_TRUE(reaches(loop, [&core] { return core.deadline_met; }));
}

TEST(EventLoop, OutputIsSentOnceATurn) {
  struct Output final : TurnOutput {
    int sent{0};
    void end_of_turn() override { ++sent; }
  };
  EventLoop loop;
  const auto output = std::make_shared<Output>();
  boost::asio::post(loop.context(), [&] { loop.send_at_end_of_turn(output); });
  ASSERT_TRUE(reaches(loop, [&] { return output->sent > 0; }));
  EXPECT_EQ(output->sent, 1);
}

TEST(EventLoop, WorkWithoutEndLetsOthersHaveATurn) {
  EventLoop loop;
  int rounds = 0;
  loop.add_hook([&rounds] {
    ++rounds;
    return true;  // Always more to do.
  });
  bool ran = false;
  boost::asio::post(loop.context(),
                    [&] { boost::asio::post(loop.context(), [&ran] { ran = true; }); });
  EXPECT_TRUE(reaches(loop, [&ran] { return ran; }));
}

TEST(EventLoop, WorkThatIsLeftOverDoesNotWaitForAnEvent) {
  EventLoop loop;
  int left = 100;
  loop.add_hook([&left] { return --left > 0; });
  boost::asio::post(loop.context(), [] {});
  EXPECT_TRUE(loop.run_until([&left] { return left <= 0; }, milliseconds{900}));
}

TEST(EventLoopDeathTest, ASignalThatComesWhenTheLoopHasEndedDoesNotChangeTheExitStatus) {
  const auto end_with_signals = [] {
    {
      EventLoop loop;
      loop.on_termination([](int) {});
      loop.on_hangup([] {});
    }
    std::raise(SIGTERM);
    std::raise(SIGINT);
    std::raise(SIGHUP);
    std::exit(7);
  };
  EXPECT_EXIT(end_with_signals(), testing::ExitedWithCode(7), "");
}

TEST(SecureRandom, DoesNotRepeatItself) {
  SecureRandom random;
  SecureRandom other;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(random.u64());
    seen.insert(other.u64());
  }
  EXPECT_EQ(seen.size(), 400U);
}

TEST(SocketAddress, HostAndPort) {
  EXPECT_EQ(parse_host_and_port("192.0.2.1:6084"), (HostAndPort{"192.0.2.1", 6084}));
  EXPECT_EQ(parse_host_and_port("[2001:db8::1]:0"), (HostAndPort{"2001:db8::1", 0}));
  EXPECT_EQ(parse_host_and_port("peer.example.org:65535"),
            (HostAndPort{"peer.example.org", 65535}));
  for (const char* wrong : {"", "host", ":1", "host:", "host:65536", "host:-1", "host:1x",
                            "2001:db8::1:6084", "[]:1"}) {
    EXPECT_TRUE(fails_with(parse_host_and_port(wrong), ErrorCode::invalid_argument)) << wrong;
  }
  EXPECT_EQ(to_text("192.0.2.1", 1), "192.0.2.1:1");
  EXPECT_EQ(to_text("2001:db8::1", 1), "[2001:db8::1]:1");
}

TEST(SocketAddress, AWildcardIsNotAdvertised) {
  using boost::asio::ip::make_address;
  EXPECT_EQ(advertised_address(make_address("192.0.2.7")), make_address("192.0.2.7"));
  EXPECT_FALSE(advertised_address(make_address("0.0.0.0")).is_unspecified());
  EXPECT_FALSE(advertised_address(make_address("::")).is_unspecified());
  EXPECT_EQ(host_text(make_address("::ffff:192.0.2.7")), "192.0.2.7");
}

}  // namespace
}  // namespace carillon::io
