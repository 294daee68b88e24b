#include "io/http_client.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/x509_vfy.h>

#include "io/socket_address.hpp"

namespace carillon::io {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using StackPtr =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) { sk_X509_free(stack); })>;

/// The certificate with that digest among those that the server has sent.
X509* find_pinned(X509_STORE_CTX* context, const Sha256Digest& pinned) {
  STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(context);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    X509* certificate = sk_X509_value(sent, i);
    Sha256Digest digest{};
    unsigned size = digest.size();
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1 && digest == pinned) {
      return certificate;
    }
  }
  return nullptr;
}

/// The library's verification, with the pinned root as the only one trusted if it is there.
int verify_with_pin(X509_STORE_CTX* context, void* pinned) {
  X509* root = find_pinned(context, *static_cast<const Sha256Digest*>(pinned));
  if (root == nullptr) return X509_verify_cert(context);
  const StackPtr trusted{sk_X509_new_null()};
  if (!trusted || sk_X509_push(trusted.get(), root) <= 0) return 0;
  X509_STORE_CTX_set0_trusted_stack(context, trusted.get());
  const int good = X509_verify_cert(context);
  X509_STORE_CTX_set0_trusted_stack(context, nullptr);
  return good;
}

/// One question, one answer, one connection; each step starts the next. Whoever waits keeps it
/// alive.
template <typename Stream>
class Exchange : public std::enable_shared_from_this<Exchange<Stream>> {
 public:
  Exchange(boost::asio::io_context& context, HttpQuestion question, OnHttpAnswer on_answer)
      : question_(std::move(question)),
        pinned_(question_.pinned_root.value_or(Sha256Digest{})),
        resolver_(context),
        deadline_(context),
        on_answer_(std::move(on_answer)) {
    if constexpr (is_plain) {
      stream_.emplace(context);
    } else {
      tls_.set_verify_mode(boost::asio::ssl::verify_peer);
      boost::system::error_code ignored;
      tls_.set_default_verify_paths(ignored);
      if (question_.pinned_root) {
        SSL_CTX_set_cert_verify_callback(tls_.native_handle(), verify_with_pin, &pinned_);
      }
      stream_.emplace(context, tls_);
    }
  }

  void start() {
    deadline_.expires_after(question_.within);
    deadline_.async_wait([weak = this->weak_from_this()](const auto& error) {
      const auto self = weak.lock();
      if (!error && self) {
        self->finish(
            fail(ErrorCode::request_timeout, self->question_.url.host, "no answer in time"));
      }
    });
    resolver_.async_resolve(
        question_.url.host, std::to_string(question_.url.port),
        [self = this->shared_from_this()](const boost::system::error_code& error, auto endpoints) {
          if (error) return self->lost("no address", error);
          if (!self->done_) self->connect(std::move(endpoints));
        });
  }

 private:
  static constexpr bool is_plain = std::is_same_v<Stream, boost::beast::tcp_stream>;

  void connect(tcp::resolver::results_type endpoints) {
    if (!set_host()) {
      return finish(fail(ErrorCode::invalid_argument, question_.url.host, "is no host name"));
    }
    boost::beast::get_lowest_layer(*stream_).async_connect(
        endpoints,
        [self = this->shared_from_this()](const boost::system::error_code& error, const auto&) {
          if (error) return self->lost("cannot connect", error);
          self->handshake();
        });
  }

  /// Whom the certificate must be of.
  [[nodiscard]] bool set_host() {
    if constexpr (!is_plain) {
      SSL* ssl = stream_->native_handle();
      const auto& host = question_.url.host;
      boost::system::error_code no_address;
      boost::asio::ip::make_address(host, no_address);
      if (!no_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
      }
      return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
             SSL_set1_host(ssl, host.c_str()) == 1;
    }
    return true;
  }

  void handshake() {
    if constexpr (is_plain) {
      write();
    } else {
      stream_->async_handshake(
          boost::asio::ssl::stream_base::client,
          [self = this->shared_from_this()](const boost::system::error_code& error) {
            if (!error) return self->write();
            const auto verified = SSL_get_verify_result(self->stream_->native_handle());
            if (verified == X509_V_OK) return self->lost("TLS", error);
            self->finish(fail(ErrorCode::bad_certificate, self->question_.url.host,
                              X509_verify_cert_error_string(verified)));
          });
    }
  }

  void write() {
    message_.method_string(question_.method);
    message_.target(question_.url.path);
    message_.version(11);
    message_.keep_alive(false);
    message_.set(http::field::host, to_text(question_.url.host, question_.url.port));
    if (!question_.content_type.empty()) {
      message_.set(http::field::content_type, question_.content_type);
    }
    if (!question_.accept.empty()) message_.set(http::field::accept, question_.accept);
    for (const auto& [name, value] : question_.headers)
      message_.set(name, value);
    message_.body() = question_.body;
    message_.prepare_payload();
    http::async_write(*stream_, message_,
                      [self = this->shared_from_this()](const auto& error, std::size_t) {
                        if (error) return self->lost("cannot ask", error);
                        self->read();
                      });
  }

  void read() {
    answer_.body_limit(question_.response_octets);
    http::async_read(*stream_, buffer_, answer_,
                     [self = this->shared_from_this()](const auto& error, std::size_t) {
                       if (error) return self->lost("no answer", error);
                       self->finish(self->response());
                     });
  }

  [[nodiscard]] HttpResponse response() const {
    const auto& message = answer_.get();
    HttpResponse response{.status = message.result_int(),
                          .content_type = std::string(message[http::field::content_type]),
                          .body = message.body()};
    for (const auto& field : message)
      response.headers.emplace_back(field.name_string(), field.value());
    return response;
  }

  void lost(const char* what, const boost::system::error_code& error) {
    finish(fail(ErrorCode::unreachable, to_text(question_.url.host, question_.url.port),
                std::string(what) + ": " + error.message()));
  }

  void finish(Result<HttpResponse> result) {
    if (std::exchange(done_, true)) return;
    deadline_.cancel();
    resolver_.cancel();
    boost::beast::get_lowest_layer(*stream_).close();
    on_answer_(std::move(result));
  }

  HttpQuestion question_;
  Sha256Digest pinned_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  std::optional<Stream> stream_;
  http::request<http::string_body> message_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> answer_;
  OnHttpAnswer on_answer_;
  bool done_{false};
};

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fail(ErrorCode::invalid_argument, std::string(text), why);
  };
  HttpUrl url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return wrong("must start with https:// or http://");
  auto rest = text.substr(text.find("//") + 2);
  const auto slash = std::min(rest.find('/'), rest.size());
  if (slash < rest.size()) url.path = rest.substr(slash);
  rest = rest.substr(0, slash);
  if (rest.find_first_of("@?# ") != std::string_view::npos ||
      url.path.find_first_of("# \r\n") != std::string::npos) {
    return wrong("has parts that we cannot use");
  }
  const auto colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && !rest.ends_with(']');
  const auto at = parse_host_and_port(has_port ? std::string(rest)
                                               : std::string(rest) + (url.tls ? ":443" : ":80"));
  if (!at || at->host.empty() || at->port == 0) return wrong("is not SCHEME://HOST[:PORT][/PATH]");
  url.host = at->host;
  url.port = at->port;
  return url;
}

Result<HttpUrl> HttpUrl::parse_https(std::string_view text) {
  auto url = parse(text);
  if (url && !url->tls) {
    return fail(ErrorCode::invalid_argument, std::string(text), "must start with https://");
  }
  return url;
}

void ask_http(boost::asio::io_context& context, HttpQuestion question, OnHttpAnswer on_answer) {
  using Tcp = boost::beast::tcp_stream;
  using Tls = boost::beast::ssl_stream<Tcp>;
  if (question.url.tls) {
    std::make_shared<Exchange<Tls>>(context, std::move(question), std::move(on_answer))->start();
  } else {
    std::make_shared<Exchange<Tcp>>(context, std::move(question), std::move(on_answer))->start();
  }
}

Result<HttpResponse> ask_http(HttpQuestion question) {
  boost::asio::io_context context{1};
  Result<HttpResponse> result = fail(ErrorCode::request_timeout, question.url.host, "no answer");
  ask_http(context, std::move(question), [&](auto answer) { result = std::move(answer); });
  context.run();
  return result;
}

}  // namespace carillon::io
