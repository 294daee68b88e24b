#include "io/service_manager.hpp"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace carillon::io {
namespace {

std::optional<long long> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  long long value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stop != end || value <= 0) return std::nullopt;
  return value;
}

/// A datagram socket connected to `path`, or -1. A leading '@' stands for the abstract namespace.
int connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length < 2 || length >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

}  // namespace

ServiceManager::ServiceManager() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return;
  descriptor_ = connect_to(path);
  const auto microseconds = number_in("WATCHDOG_USEC");
  const auto process = number_in("WATCHDOG_PID");
  if (!microseconds || (process && *process != ::getpid())) return;
  interval_ = milliseconds{*microseconds / 1'000 / 2};
}

ServiceManager::~ServiceManager() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ServiceManager::ready(std::string_view status) {
  last_status_ = status;
  send("READY=1\nSTATUS=" + last_status_);
}

void ServiceManager::stopping(std::string_view status) {
  last_status_ = status;
  send("STOPPING=1\nSTATUS=" + last_status_);
}

void ServiceManager::status(std::string_view status) {
  if (status == last_status_) return;
  last_status_ = status;
  send("STATUS=" + last_status_);
}

void ServiceManager::keep_alive() {
  send("WATCHDOG=1");
}

void ServiceManager::send(const std::string& text) {
  if (descriptor_ < 0) return;
  // Nobody could do anything about a failure: the next one may get through.
  [[maybe_unused]] const auto sent =
      ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace carillon::io
