#include "io/https_client.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
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

/// One question, one answer, one connection; each step starts the next.
class Exchange {
 public:
  explicit Exchange(const HttpsRequest& request)
      : request_(request), pinned_(request.pinned_root.value_or(Sha256Digest{})) {
    tls_.set_verify_mode(boost::asio::ssl::verify_peer);
    boost::system::error_code ignored;
    tls_.set_default_verify_paths(ignored);
    if (request.pinned_root) {
      SSL_CTX_set_cert_verify_callback(tls_.native_handle(), verify_with_pin, &pinned_);
    }
    stream_.emplace(context_, tls_);
  }

  Result<HttpResponse> run() {
    const auto addresses = resolve(request_.url.host);
    if (!addresses) return std::unexpected(addresses.error());
    for (const auto& address : *addresses)
      endpoints_.emplace_back(address, request_.url.port);
    if (!set_host()) return fail(ErrorCode::invalid_argument, "HTTPS", "no good host name");
    connect();
    context_.run_for(request_.within);
    if (!result_) return fail(ErrorCode::request_timeout, request_.url.host, "no answer in time");
    return *std::move(result_);
  }

 private:
  [[nodiscard]] bool set_host() {
    SSL* ssl = stream_->native_handle();
    const auto& host = request_.url.host;
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    if (!no_address) {
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
           SSL_set1_host(ssl, host.c_str()) == 1;
  }

  void connect() {
    boost::beast::get_lowest_layer(*stream_).async_connect(endpoints_,
                                                           [this](const auto& error, const auto&) {
                                                             if (error)
                                                               return lost("cannot connect", error);
                                                             handshake();
                                                           });
  }

  void handshake() {
    stream_->async_handshake(
        boost::asio::ssl::stream_base::client, [this](const boost::system::error_code& error) {
          const auto verified = SSL_get_verify_result(stream_->native_handle());
          if (error && verified != X509_V_OK) {
            result_ = fail(ErrorCode::bad_certificate, request_.url.host,
                           X509_verify_cert_error_string(verified));
          } else if (error) {
            lost("TLS", error);
          } else {
            write();
          }
        });
  }

  void write() {
    question_.method_string(request_.method);
    question_.target(request_.url.path);
    question_.version(11);
    question_.keep_alive(false);
    question_.set(http::field::host, request_.url.host);
    if (!request_.content_type.empty()) {
      question_.set(http::field::content_type, request_.content_type);
    }
    if (!request_.accept.empty()) question_.set(http::field::accept, request_.accept);
    question_.body() = request_.body;
    question_.prepare_payload();
    http::async_write(*stream_, question_, [this](const auto& error, std::size_t) {
      if (error) return lost("cannot ask", error);
      read();
    });
  }

  void read() {
    answer_.body_limit(request_.response_octets);
    http::async_read(*stream_, buffer_, answer_, [this](const auto& error, std::size_t) {
      if (error) return lost("no answer", error);
      const auto& message = answer_.get();
      HttpResponse response{.status = message.result_int(),
                            .content_type = std::string(message[http::field::content_type]),
                            .body = message.body()};
      for (const auto& field : message)
        response.headers.emplace_back(field.name_string(), field.value());
      result_ = std::move(response);
    });
  }

  void lost(const char* what, const boost::system::error_code& error) {
    result_ = fail(ErrorCode::unreachable, to_text(request_.url.host, request_.url.port),
                   std::string(what) + ": " + error.message());
  }

  const HttpsRequest& request_;
  Sha256Digest pinned_;
  boost::asio::io_context context_{1};
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  std::optional<boost::beast::ssl_stream<boost::beast::tcp_stream>> stream_;
  std::vector<tcp::endpoint> endpoints_;
  http::request<http::string_body> question_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> answer_;
  std::optional<Result<HttpResponse>> result_;
};

}  // namespace

Result<HttpsUrl> HttpsUrl::parse(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  const auto wrong = [&](const char* why) {
    return fail(ErrorCode::invalid_argument, std::string(text), why);
  };
  if (!text.starts_with(scheme)) return wrong("must start with https://");
  auto rest = text.substr(scheme.size());
  HttpsUrl url;
  const auto slash = std::min(rest.find('/'), rest.size());
  if (slash < rest.size()) url.path = rest.substr(slash);
  rest = rest.substr(0, slash);
  if (rest.find_first_of("@?# ") != std::string_view::npos) return wrong("has parts we cannot use");
  const bool has_port = rest.rfind(':') != std::string_view::npos && !rest.ends_with(']');
  const auto at = parse_host_and_port(has_port ? std::string(rest) : std::string(rest) + ":443");
  if (!at || at->host.empty() || at->port == 0) return wrong("is not https://HOST[:PORT][/PATH]");
  url.host = at->host;
  url.port = at->port;
  return url;
}

Result<HttpResponse> ask_https(const HttpsRequest& request) {
  return Exchange(request).run();
}

}  // namespace carillon::io
