#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "io/http_server.hpp"

namespace carillon::io {

/// What the server needs to know of a connection.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  /// No request is being worked on: it may be closed without harm.
  [[nodiscard]] virtual bool is_waiting() const = 0;
  /// Nothing is told afterwards.
  virtual void close() = 0;
};

/// The response to what Beast could not read; 0: it is not worth one.
[[nodiscard]] unsigned status_of(const boost::beast::error_code& error);

/// One connection, request after request. `Stream`: beast::tcp_stream, or the same under TLS.
/// For http_server.cpp only.
template <typename Stream>
class HttpSession final : public HttpConnection,
                          public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  using OnEnd = std::function<void(const HttpConnection*)>;

  HttpSession(Stream stream, const HttpLimits& limits, HttpServer::OnRequest& on_request,
              OnEnd on_end)
      : stream_(std::move(stream)),
        limits_(limits),
        buffer_(limits.header_octets + limits.body_octets),
        on_request_(on_request),
        on_end_(std::move(on_end)) {}

  void start() {
    if constexpr (is_plain) {
      read();
    } else {
      tcp().expires_after(limits_.request_within);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const auto& error) {
                                if (error) return self->end();
                                self->read();
                              });
    }
  }

  [[nodiscard]] bool is_waiting() const override { return waiting_; }
  void close() override {
    closed_ = true;
    tcp().close();
  }

 private:
  static constexpr bool is_plain = std::is_same_v<Stream, boost::beast::tcp_stream>;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  [[nodiscard]] boost::beast::tcp_stream& tcp() { return boost::beast::get_lowest_layer(stream_); }

  void read() {
    waiting_ = true;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_octets));
    parser_->body_limit(limits_.body_octets);
    tcp().expires_after(limits_.request_within);
    boost::beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](const auto& error, std::size_t) { self->taken(error); });
  }

  void taken(const boost::beast::error_code& error) {
    waiting_ = false;
    if (closed_) return;
    if (error) return refuse(error);
    auto message = parser_->release();
    keep_alive_ = message.keep_alive();
    head_ = message.method() == boost::beast::http::verb::head;
    HttpRequest request{.method = std::string(message.method_string()),
                        .path = std::string(message.target()),
                        .content_type = header(message, boost::beast::http::field::content_type),
                        .accept = header(message, boost::beast::http::field::accept),
                        .body = std::move(message.body())};
    request.path.erase(std::min(request.path.find('?'), request.path.size()));
    tcp().expires_never();
    on_request_(std::move(request), [weak = this->weak_from_this()](HttpResponse response) {
      if (const auto self = weak.lock()) self->answer(std::move(response));
    });
  }

  template <typename Message>
  static std::string header(const Message& message, boost::beast::http::field name) {
    const auto found = message.find(name);
    return found == message.end() ? std::string{} : std::string(found->value());
  }

  void refuse(const boost::beast::error_code& error) {
    const auto status = status_of(error);
    if (status == 0) return end();
    keep_alive_ = false;
    head_ = false;
    unread_ = true;
    answer({.status = status, .body = std::string(error.message()) + "\n"});
  }

  void answer(HttpResponse what) {
    if (closed_) return;
    response_.emplace();
    response_->result(what.status);
    response_->version(11);
    response_->keep_alive(keep_alive_);
    response_->set(boost::beast::http::field::content_type, what.content_type);
    for (const auto& [name, value] : what.headers)
      response_->set(name, value);
    response_->body() = std::move(what.body);
    response_->prepare_payload();
    if (head_) response_->body().clear();  // The header says how long it would be (RFC 9110).
    tcp().expires_after(limits_.response_within);
    boost::beast::http::async_write(
        stream_, *response_, [self = this->shared_from_this()](const auto& error, std::size_t) {
          if (error) return self->end();
          if (self->closed_) return;
          if (self->keep_alive_) return self->read();
          boost::beast::error_code ignored;
          self->tcp().socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
          if (!self->unread_) return self->end();
          self->tcp().expires_after(linger_within);
          self->discard(0);
        });
  }

  /// Closing on octets that were not read makes a reset, which may overtake the response.
  void discard(std::size_t so_far) {
    waiting_ = true;
    tcp().async_read_some(
        boost::asio::buffer(discarded_),
        [self = this->shared_from_this(), so_far](const auto& error, std::size_t count) {
          if (error || so_far + count > linger_octets) return self->end();
          self->discard(so_far + count);
        });
  }

  void end() {
    if (closed_) return;
    close();
    on_end_(this);
  }

  static constexpr milliseconds linger_within{1'000};
  static constexpr std::size_t linger_octets = std::size_t{1} << 20U;

  Stream stream_;
  HttpLimits limits_;
  std::array<char, 4096> discarded_{};
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Response> response_;
  HttpServer::OnRequest& on_request_;
  OnEnd on_end_;
  bool waiting_{true};
  bool keep_alive_{false};
  bool head_{false};
  bool closed_{false};
  bool unread_{false};  ///< The other side may still be sending what nobody reads.
};

}  // namespace carillon::io
