#include "app/control_client.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/failure.hpp"

namespace carillon::app {
namespace {

using Json = nlohmann::ordered_json;

/// No answer is longer.
constexpr std::size_t max_answer_octets = 64U << 20;

class Socket {
 public:
  explicit Socket(const std::filesystem::path& path)
      : path_(path.string()), descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) {
      throw Failure(path_ + ": too long for a Unix socket");
    }
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const int error = errno;
      ::close(descriptor_);
      throw Failure("no peer answers at " + path_ + ": " + std::generic_category().message(error));
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }

  void set_timeout(std::chrono::seconds timeout) {
    const timeval value{.tv_sec = timeout.count(), .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) fail_with(errno);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// False if nothing has come within `limit`.
  [[nodiscard]] bool wait_readable(std::chrono::milliseconds limit) const {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(limit.count())) != 0;
  }

  std::string read_line() {
    std::string line;
    std::array<char, 16384> block{};
    while (true) {
      const auto count = ::recv(descriptor_, block.data(), block.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_with(errno);
      if (count == 0) throw Failure("the peer at " + path_ + " ended before it had answered");
      line.append(block.data(), static_cast<std::size_t>(count));
      if (line.ends_with('\n')) return line;
      if (line.size() > max_answer_octets) throw Failure("the answer of " + path_ + " has no end");
    }
  }

 private:
  [[noreturn]] void fail_with(int error) const {
    throw Failure(error == EAGAIN ? "the peer at " + path_ + " did not answer in time"
                                  : path_ + ": " + std::generic_category().message(error));
  }

  std::string path_;
  int descriptor_;
};

// Not text of ours: what is not UTF-8 is sent as the replacement character and refused there.
void send_request(Socket& socket, const Json& request) {
  socket.send(request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json read_result(Socket& socket, const std::filesystem::path& control) {
  const auto answer = Json::parse(socket.read_line(), nullptr, false);
  if (!answer.is_object()) throw Failure("the answer of " + control.string() + " is not JSON");
  if (!answer.value("ok", false)) throw Failure(answer.value("error", "the peer says no"));
  return answer.value("result", Json::object());
}

}  // namespace

Json ask_peer(const std::filesystem::path& control, const Json& request,
              std::chrono::seconds timeout) {
  Socket socket(control);
  socket.set_timeout(timeout);
  send_request(socket, request);
  return read_result(socket, control);
}

Json ask_peer_patiently(const std::filesystem::path& control, const Json& request,
                        std::chrono::milliseconds interval,
                        const std::function<void()>& meanwhile) {
  Socket socket(control);
  socket.set_timeout(control_timeout);
  send_request(socket, request);
  while (!socket.wait_readable(interval))
    meanwhile();
  return read_result(socket, control);
}

}  // namespace carillon::app
