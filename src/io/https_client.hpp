#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "base/hash.hpp"
#include "io/http_server.hpp"

namespace carillon::io {

/// An "https:" URL, as far as we need it.
struct HttpsUrl {
  std::string host{};  ///< Without brackets.
  std::uint16_t port{443};
  std::string path{"/"};

  /// `invalid_argument` for anything else.
  [[nodiscard]] static Result<HttpsUrl> parse(std::string_view text);
};

/// Asks an HTTPS server one thing and waits for the answer: for starting up, before there is an
/// event loop.
///
/// The server's certificate must bear the URL's host (RFC 2818) and lead to a root that this
/// machine trusts; or to the one with the digest `pinned_root`, which the server sends along.
struct HttpsRequest {
  HttpsUrl url{};
  std::string method{"GET"};
  std::string content_type{};
  std::string accept{};
  std::string body{};
  std::optional<Sha256Digest> pinned_root{};
  milliseconds within{15'000};                        ///< For all of it.
  std::size_t response_octets{std::size_t{4} << 20};  ///< No answer is longer.
};

/// Any answer is one, whatever its status. `unreachable` (no connection, or it broke),
/// `request_timeout`, `bad_certificate` (the server is not whom we wanted), `malformed`.
[[nodiscard]] Result<HttpResponse> ask_https(const HttpsRequest& request);

}  // namespace carillon::io
