#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace carillon::io {

/// Tells systemd how we are (sd_notify(3): datagrams to the socket in $NOTIFY_SOCKET). Without
/// systemd every call does nothing.
class ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  ~ServiceManager();

  /// The service is up. `status`: one line for `systemctl status`.
  void ready(std::string_view status);
  /// The service is on its way out.
  void stopping(std::string_view status);
  /// Sent only if it differs from the last one.
  void status(std::string_view status);
  /// We are alive.
  void keep_alive();

  /// How often `keep_alive` is wanted: half of the time after which we would be killed. Nothing:
  /// there is no watchdog.
  [[nodiscard]] std::optional<milliseconds> watchdog_interval() const { return interval_; }

 private:
  void send(const std::string& text);

  int descriptor_{-1};
  std::string last_status_;
  std::optional<milliseconds> interval_;
};

}  // namespace carillon::io
