#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <carillon/error.hpp>

#include "io/event_loop.hpp"

namespace carillon::io {

/// A Unix socket that the operator's commands speak to: one line in, one line out, in turn. Only
/// the user whose process it is may connect (mode 0600).
class ControlServer {
 public:
  /// To be called once, now or later, with the answer without its end of line.
  using Reply = std::function<void(std::string line)>;
  using OnLine = std::function<void(std::string line, Reply reply)>;

  static constexpr std::size_t max_line_octets = 64U << 10;
  static constexpr std::size_t max_connections = 16;
  /// One that asks nothing for so long is closed.
  static constexpr milliseconds idle_at_most{60'000};

  /// `busy` if another process answers at `path`; a socket that a dead process left there is
  /// replaced. `io`, `invalid_argument` (the path is too long for a socket).
  [[nodiscard]] static Result<std::unique_ptr<ControlServer>> listen(
      EventLoop& loop, const std::filesystem::path& path, OnLine on_line);
  /// Ends all connections and removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// Answers that were given but not yet taken.
  [[nodiscard]] bool has_unsent() const;

 private:
  class Implementation;
  explicit ControlServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace carillon::io
