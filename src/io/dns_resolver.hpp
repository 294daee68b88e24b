#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <carillon/error.hpp>

#include "io/event_loop.hpp"
#include "sip/dns_service.hpp"

namespace carillon::io {

/// The DNS by c-ares, on the event loop: as /etc/resolv.conf says, or at the servers given;
/// hosts that /etc/hosts names are not asked for.
class DnsResolver final : public sip::DnsService {
 public:
  /// Runs around each answer: before (a turn's time must be known) and after (what it caused is to
  /// be carried out).
  struct Hooks {
    std::function<void()> begin_input;
    std::function<void()> done;
  };

  /// `servers`: "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:5353"; none: the system's.
  /// `invalid_argument` if one is no address.
  [[nodiscard]] static Result<std::unique_ptr<DnsResolver>> create(
      EventLoop& loop, const std::vector<std::string>& servers, Hooks hooks);
  ~DnsResolver() override;

  void look_up(std::string name, sip::DnsType type, sip::Handler<sip::DnsAnswer> done) override;

 private:
  class Channel;
  explicit DnsResolver(std::unique_ptr<Channel> channel);
  std::unique_ptr<Channel> channel_;
};

}  // namespace carillon::io
