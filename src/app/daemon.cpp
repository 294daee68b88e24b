#include "app/daemon.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "app/control_service.hpp"
#include "app/failure.hpp"
#include "app/heat_agent.hpp"
#include "app/http_service.hpp"
#include "app/leaving.hpp"
#include "app/logging.hpp"
#include "app/node.hpp"
#include "app/renewal_agent.hpp"
#include "io/control_server.hpp"
#include "io/service_manager.hpp"

namespace carillon::app {
namespace {

/// How often the known peers are looked at, to be remembered.
constexpr std::chrono::seconds housekeeping_interval{2};
/// How often leaving is reported.
constexpr milliseconds report_interval{500};
/// At the end: last octets on their way to phones, peers and commands.
constexpr milliseconds farewell_within{1'000};
/// Some interval after which waiting without a limit begins anew.
constexpr std::chrono::hours forever{24};

/// Keys and passwords are in memory: no image of it may be left on a disk.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

class Daemon {
 public:
  Daemon(const PeerSettings& settings, NoticeSink log)
      : settings_(settings),
        log_(std::move(log)),
        node_(loop_, settings, log_),
        service_(
            node_, [this](auto done) { leave(std::move(done)); },
            [this] { return leaving_.progress(); }),
        leaving_(loop_, node_),
        renewal_(loop_, node_, settings, log_),
        housekeeping_(loop_.context()),
        watchdog_(loop_.context()) {}

  int run() {
    loop_.on_termination([this](int count) { terminate(count); });
    loop_.on_hangup([this] {
      node_.reload_certificate(true);
      node_.reload_trunk_passwords();
    });
    loop_.add_hook([this] { return end_of_turn(); });
    if (!settings_.control.empty()) {
      control_ = must(io::ControlServer::listen(
                          loop_, settings_.control,
                          [this](const std::string& line, io::ControlServer::Reply reply) {
                            service_.handle(line, std::move(reply));
                          }),
                      "--control");
    }
    if (const auto& at = node_.addresses().http) {
      http_ = std::make_unique<HttpService>(loop_, *at, node_, leaving_);
    }
    if (!settings_.heat.empty()) start_heat();
    manager_.status("joining the overlay");
    feed_watchdog();
    node_.scheduler().begin_input();
    log_({Severity::info, "peer " + node_.peer().node_id().to_hex() + " joins the overlay " +
                              node_.peer().configuration().configuration().instance_name});
    node_.peer().join([this](Result<void> joined) { joined_ = std::move(joined); });
    loop_.run();
    return finish();
  }

 private:
  bool end_of_turn() {
    if (joined_ && !leaving_.started()) {
      const auto joined = *std::exchange(joined_, std::nullopt);
      if (!joined) {
        fail_with("cannot join: " + joined.error().message());
      } else {
        serve();
      }
      return true;
    }
    if (!leaving_.advance()) return false;
    if (leaving_.finished()) loop_.stop();
    return true;
  }

  void serve() {
    try {
      node_.open_sip();
    } catch (const Failure& failure) {
      // The overlay must not wait for us in vain: leave it before giving up.
      failure_ = failure.what();
      return leave([](const auto&) {});
    }
    node_.credentials().start_renewal();
    renewal_.start();
    keep_house();
    nlohmann::ordered_json ready{{"node_id", node_.peer().node_id().to_hex()},
                                 {"reload", node_.reload_address()},
                                 {"sip", node_.sip_addresses()},
                                 {"sip_peer", node_.sip_peer_address()},
                                 {"control", settings_.control.string()}};
    if (http_) ready["http"] = http_->address();
    std::printf("ready %s\n", ready.dump().c_str());
    std::fflush(stdout);
    manager_.ready(status_line());
    log_({Severity::info, "joined; serving"});
  }

  void start_heat() {
    heat_ = std::make_unique<HeatAgent>(
        loop_, settings_.heat, settings_.data / "heat-handled",
        HeatAgent::Hooks{.has_joined = [this] { return node_.serves_phones(); },
                         .leave =
                             [this](auto left) {
                               asked_by_heat_ = true;
                               leave(std::move(left));
                             }},
        log_);
    heat_->start();
  }

  /// For `systemctl status`.
  std::string status_line() {
    if (leaving_.started()) return progress_line(leaving_.progress());
    const auto status = node_.peer().status();
    return fmt::format("{}; {} links, {} bindings", to_string(status.state), status.links,
                       node_.sip().gauges().bindings);
  }

  /// That the loop turns is what the watchdog wants to know.
  void feed_watchdog() {
    if (!manager_.watchdog_interval()) return;
    manager_.keep_alive();
    watchdog_.expires_after(*manager_.watchdog_interval());
    watchdog_.async_wait([this](const auto& error) {
      if (!error) feed_watchdog();
    });
  }

  void keep_house() {
    node_.scheduler().begin_input();
    node_.reload_certificate(false);
    if (leaving_.started()) {
      report_leaving();
    } else {
      node_.known_peers().update(node_.peer().known_peers());
      manager_.status(status_line());
    }
    housekeeping_.expires_after(leaving_.started() ? report_interval
                                                   : milliseconds{housekeeping_interval});
    housekeeping_.async_wait([this](const auto& error) {
      if (!error) keep_house();
    });
  }

  void report_leaving() {
    const auto line = status_line();
    // Who stays for Heat is not stopping: systemd would end it, and start it anew.
    if (!stays_for_heat() && !std::exchange(stopping_, true)) manager_.stopping(line);
    manager_.status(line);
  }

  /// However it was asked for.
  void leave(std::function<void(Result<void>)> done) {
    leaving_.start(std::move(done));
    keep_house();
  }

  /// Once it has left, it answers Heat as long as there is the server.
  [[nodiscard]] bool stays_for_heat() const {
    return asked_by_heat_ && !terminated_ && !heat_->has_let_go();
  }

  void terminate(int count) {
    terminated_ = true;
    if (leaving_.finished()) return;  // Nothing is left to be hurried.
    if (count > 1) return fail_with("ended by a second signal before the overlay was left");
    log_({Severity::info, "leaving the overlay"});
    leave([](const auto&) {});
  }

  void fail_with(std::string why) {
    failure_ = std::move(why);
    loop_.stop();
  }

  int finish() {
    if (leaving_.finished()) {
      // The goodbyes are on their way; whoever does not take them is not waited for.
      (void)loop_.run_until([this] { return !control_ || !control_->has_unsent(); },
                            farewell_within);
      while (!loop_.run_until([this] { return !stays_for_heat(); }, forever))
        continue;
      (void)loop_.run_until([this] { return !heat_ || !heat_->owes_an_answer(); },
                            HeatAgent::farewell_within);
    }
    if (!failure_.empty()) throw Failure(failure_);
    if (const auto& left = leaving_.result(); !left) {
      throw Failure("left the overlay, but not in order: " + left.error().message());
    }
    log_({Severity::info, "left the overlay"});
    return 0;
  }

  const PeerSettings& settings_;
  NoticeSink log_;
  io::EventLoop loop_;
  Node node_;
  ControlService service_;
  Leaving leaving_;
  RenewalAgent renewal_;
  std::unique_ptr<io::ControlServer> control_;
  std::unique_ptr<HttpService> http_;
  std::unique_ptr<HeatAgent> heat_;
  boost::asio::steady_timer housekeeping_;
  boost::asio::steady_timer watchdog_;
  io::ServiceManager manager_;
  bool asked_by_heat_{false};
  bool terminated_{false};
  bool stopping_{false};
  std::optional<Result<void>> joined_;
  std::string failure_;
};

}  // namespace

int run_daemon(PeerSettings settings) {
  forbid_core_dumps();
  const auto log = make_log(settings.log_level);
  if (!settings.enrolling.url.empty()) {
    enroll_if_new(settings.enrolling, settings.directory, log);
  }
  for (auto& address : enrolled_bootstrap(settings.directory))
    settings.bootstrap.push_back(std::move(address));
  Daemon daemon(settings, log);
  return daemon.run();
}

}  // namespace carillon::app
