// A peer's SIP core between a phone that is registered and strangers. The input is cut at octets
// 0xff 0xNN into datagrams, bytes on a phone's connection and on another peer's, and pauses.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "check.hpp"
#include "sip/sip_core.hpp"

using namespace carillon;
using namespace carillon::sip;

namespace {

class Locations final : public LocationService {
 public:
  void publish(std::string aor, OwnEntry entry, seconds, Handler<void> done) override {
    waiting.emplace_back(
        [this, aor = std::move(aor), entry = std::move(entry), done = std::move(done)]() mutable {
          entries[aor] = std::move(entry);
          done({});
        });
  }
  void lookup(std::string aor, Handler<std::vector<LocatedBinding>> done) override {
    waiting.emplace_back([this, aor = std::move(aor), done = std::move(done)]() mutable {
      std::vector<LocatedBinding> found;
      for (auto& binding : entries[aor].bindings)
        found.push_back({binding, "us", {}});
      Binding far;
      far.contact = "sip:far@192.0.2.200";
      far.flow_token = "token";
      found.push_back({far, "them", {"10.0.0.2", 5061}});
      done(std::move(found));
    });
  }
  std::map<std::string, OwnEntry> entries;
  std::vector<std::move_only_function<void()>> waiting;
};

class Credentials final : public CredentialService {
 public:
  std::optional<Credential> cached(std::string_view aor, seconds /*max_age*/) override {
    if (aor != "bob@example.org") return std::nullopt;
    return make_credential(aor, "secret");
  }
  void find(std::string, UserQuestion, Handler<FoundUser> done) override {
    waiting.emplace_back(
        [done = std::move(done)]() mutable { done(fail(ErrorCode::not_found, "credential")); });
  }
  std::vector<std::move_only_function<void()>> waiting;
};

struct Driver {
  Driver() {
    SipOptions options;
    options.domains = {"example.org"};
    options.peer_id = "us";
    options.authenticate_requests = false;
    options.limits.transactions = 50;
    core = std::make_unique<SipCore>(options, timers, random, locations, credentials, NoticeSink{});
    udp = core->add_local_transport(Transport::udp, {"10.0.0.1", 5060});
    const auto tcp = core->add_local_transport(Transport::tcp, {"10.0.0.1", 5060});
    const auto tls = core->add_local_transport(Transport::tls_peer, {"10.0.0.1", 5061});
    now.monotonic += seconds{100};
    now.wall = wall_time(1'795'000'000'000U);
    core->handle_time(now);
    phone = core->handle_flow_accepted(tcp, {"192.0.2.9", 40000});
    peer = core->handle_flow_accepted(tls, {"10.0.0.3", 40000}, "other");
  }

  void drain() {
    for (int round = 0; round < 20; ++round) {
      while (const auto action = core->poll_action())
        note(*action);
      auto first = std::exchange(locations.waiting, {});
      auto second = std::exchange(credentials.waiting, {});
      if (first.empty() && second.empty()) return;
      for (auto& handler : first)
        handler();
      for (auto& handler : second)
        handler();
    }
  }
  void note(const SipAction& action) {
    if (const auto* datagram = std::get_if<SendDatagram>(&action)) {
      check(datagram->local == udp);
      check(datagram->remote.port != 0);
      check(!datagram->octets.empty());
    } else if (const auto* opening = std::get_if<OpenFlow>(&action)) {
      core->handle_flow_closed(opening->flow, "refused");
    } else if (const auto* closing = std::get_if<CloseFlow>(&action)) {
      if (closing->flow == phone) phone = FlowId::none;
      if (closing->flow == peer) peer = FlowId::none;
    }
  }
  void input(std::uint8_t what, ByteView octets) {
    core->handle_time(now);
    switch (what % 6) {
      case 0:
      case 1:
        core->handle_datagram(udp, {"192.0.2.1", 5060}, octets);
        break;
      case 2:
        core->handle_datagram(udp, {"192.0.2.2", 5060}, octets);
        break;
      case 3:
        core->handle_flow_bytes(phone, octets);
        break;
      case 4:
        core->handle_flow_bytes(peer, octets);
        break;
      default:
        now.monotonic += milliseconds{100 * (1 + octets.size() % 400)};
        now.wall += milliseconds{100 * (1 + octets.size() % 400)};
        core->handle_time(now);
    }
    drain();
  }

  TimerQueue timers;
  SeededRandom random{1};
  Locations locations;
  Credentials credentials;
  std::unique_ptr<SipCore> core;
  Now now{};
  LocalTransportId udp{};
  FlowId phone{};
  FlowId peer{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Driver driver;
  std::size_t start = 0;
  std::uint8_t what = 0;
  for (std::size_t at = 0; at <= size; ++at) {
    const bool cut = at + 1 < size && data[at] == 0xff;
    if (!cut && at != size) continue;
    driver.input(what, ByteView{data + start, at - start});
    if (at == size) break;
    what = data[at + 1];
    start = at + 2;
    ++at;
  }
  const auto gauges = driver.core->gauges();
  check(gauges.server_transactions + gauges.client_transactions <= 50);
  return 0;
}
