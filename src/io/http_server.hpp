#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <carillon/error.hpp>

#include "io/acceptor.hpp"

namespace carillon::io {

struct HttpRequest {
  std::string method{};        ///< "GET"
  std::string path{};          ///< "/metrics"; a query is cut off.
  std::string content_type{};  ///< Empty if the header is missing.
  std::string accept{};
  std::string body{};
};

struct HttpResponse {
  unsigned status{200};
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Besides those of HTTP itself.
};

/// What strangers may cost us.
struct HttpLimits {
  std::size_t connections{64};           ///< Beyond that the one that waits longest is closed.
  std::size_t header_octets{8U << 10};   ///< Beyond that: 431.
  std::size_t body_octets{16U << 10};    ///< Beyond that: 413.
  milliseconds request_within{10'000};   ///< TLS handshake; waiting for a request and reading it.
  milliseconds response_within{10'000};  ///< For the other side to take it.
};

/// PEM texts of an HTTPS server: its certificate, then those above it, and its key.
struct HttpsIdentity {
  std::string chain{};
  std::string key{};
};

/// An HTTP/1.1 server (RFC 9112) on the event loop, for the few that ask a peer: operators, load
/// balancers, newcomers. What is malformed is answered with 400 and the connection closed.
class HttpServer {
 public:
  /// To be called once, now or later, on the loop's thread. Harmless if the asker is gone.
  using Reply = std::function<void(HttpResponse response)>;
  using OnRequest = std::function<void(HttpRequest request, Reply reply)>;

  /// `io` if the port is in use or not ours; `invalid_argument` if the identity's parts are
  /// unreadable or do not fit together. Without an identity: plain HTTP.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(
      EventLoop& loop, const Acceptor::Endpoint& endpoint, OnRequest on_request,
      const std::optional<HttpsIdentity>& identity = {}, HttpLimits limits = {});
  /// Ends all connections.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] Acceptor::Endpoint local_endpoint() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  class Implementation;
  explicit HttpServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace carillon::io
