#include "io/http_server.hpp"

#include <algorithm>
#include <list>

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "io/http_session.hpp"

namespace carillon::io {

namespace http = boost::beast::http;
using Tls = boost::asio::ssl::context;

unsigned status_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return static_cast<unsigned>(http::status::request_header_fields_too_large);
  }
  if (error == http::error::body_limit) {
    return static_cast<unsigned>(http::status::payload_too_large);
  }
  // Closed in the middle, or before anything came: nobody is there to be told.
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  const bool malformed = error.category() == http::make_error_code(http::error{}).category();
  return malformed ? static_cast<unsigned>(http::status::bad_request) : 0;
}

class HttpServer::Implementation {
 public:
  Implementation(OnRequest on_request, HttpLimits limits)
      : on_request_(std::move(on_request)), limits_(limits) {}
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;
  ~Implementation() {
    for (const auto& connection : connections_)
      connection->close();
  }

  Result<void> use(const HttpsIdentity& identity) {
    tls_.emplace(Tls::tls_server);
    boost::system::error_code error;
    tls_->set_options(Tls::no_tlsv1 | Tls::no_tlsv1_1 | Tls::no_compression, error);
    if (!error) tls_->use_certificate_chain(boost::asio::buffer(identity.chain), error);
    if (!error) tls_->use_private_key(boost::asio::buffer(identity.key), Tls::pem, error);
    if (error) return fail(ErrorCode::invalid_argument, "HTTPS certificate", error.message());
    return {};
  }

  Result<void> listen(EventLoop& loop, const Acceptor::Endpoint& endpoint) {
    auto acceptor = Acceptor::listen(
        loop, endpoint, [this](auto socket, const auto&) { accepted(std::move(socket)); });
    if (!acceptor) return std::unexpected(acceptor.error());
    acceptor_ = *std::move(acceptor);
    return {};
  }

  [[nodiscard]] Acceptor::Endpoint local_endpoint() const { return acceptor_->local_endpoint(); }
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  void accepted(boost::asio::ip::tcp::socket socket) {
    if (connections_.size() >= limits_.connections && !make_room()) return;
    boost::beast::tcp_stream stream(std::move(socket));
    if (tls_) {
      start<boost::beast::ssl_stream<boost::beast::tcp_stream>>({std::move(stream), *tls_});
    } else {
      start<boost::beast::tcp_stream>(std::move(stream));
    }
  }

  /// Who says nothing must not keep others out.
  bool make_room() {
    const auto waiting =
        std::ranges::find_if(connections_, [](const auto& one) { return one->is_waiting(); });
    if (waiting == connections_.end()) return false;
    (*waiting)->close();
    connections_.erase(waiting);
    return true;
  }

  template <typename Stream>
  void start(Stream stream) {
    const auto session = std::make_shared<HttpSession<Stream>>(
        std::move(stream), limits_, on_request_,
        [this, alive = std::weak_ptr(alive_)](const HttpConnection* ended) {
          if (alive.expired()) return;
          connections_.remove_if([ended](const auto& one) { return one.get() == ended; });
        });
    connections_.push_back(session);
    session->start();
  }

  OnRequest on_request_;
  HttpLimits limits_;
  std::optional<Tls> tls_;
  std::unique_ptr<Acceptor> acceptor_;
  std::list<std::shared_ptr<HttpConnection>> connections_;  ///< In the order they came.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(EventLoop& loop,
                                                       const Acceptor::Endpoint& endpoint,
                                                       OnRequest on_request,
                                                       const std::optional<HttpsIdentity>& identity,
                                                       HttpLimits limits) {
  auto implementation = std::make_unique<Implementation>(std::move(on_request), limits);
  if (identity) {
    if (auto used = implementation->use(*identity); !used) return std::unexpected(used.error());
  }
  if (auto listening = implementation->listen(loop, endpoint); !listening) {
    return std::unexpected(listening.error());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(implementation)));
}

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

HttpServer::~HttpServer() = default;

Acceptor::Endpoint HttpServer::local_endpoint() const {
  return implementation_->local_endpoint();
}

std::size_t HttpServer::connections() const {
  return implementation_->connections();
}

}  // namespace carillon::io
