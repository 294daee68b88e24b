#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <carillon/error.hpp>

#include "base/hash.hpp"
#include "io/http_server.hpp"

namespace carillon::io {

/// An "https:" or "http:" URL, as far as we need it.
struct HttpUrl {
  bool tls{true};
  std::string host{};  ///< Without brackets.
  std::uint16_t port{443};
  std::string path{"/"};  ///< With the query, if any.

  /// `invalid_argument` for anything else.
  [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);
  /// The same, of https only.
  [[nodiscard]] static Result<HttpUrl> parse_https(std::string_view text);
};

/// What to ask an HTTP server.
///
/// Under TLS the server's certificate must bear the URL's host (RFC 2818) and lead to a root that
/// this machine trusts; or to the one with the digest `pinned_root`, which the server sends along.
struct HttpQuestion {
  HttpUrl url{};
  std::string method{"GET"};
  std::string content_type{};
  std::string accept{};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Further ones.
  std::optional<Sha256Digest> pinned_root{};
  milliseconds within{15'000};                        ///< For all of it.
  std::size_t response_octets{std::size_t{4} << 20};  ///< No answer is longer.
};

/// Runs once, on the context's thread.
using OnHttpAnswer = std::function<void(Result<HttpResponse> answer)>;

/// Any answer is one, whatever its status. `unreachable` (no address, no connection, or it broke),
/// `request_timeout`, `bad_certificate` (the server is not whom we wanted).
void ask_http(boost::asio::io_context& context, HttpQuestion question, OnHttpAnswer on_answer);

/// The same, waiting for the answer: for starting up, before there is an event loop.
[[nodiscard]] Result<HttpResponse> ask_http(HttpQuestion question);

}  // namespace carillon::io
