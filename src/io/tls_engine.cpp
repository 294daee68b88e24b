#include "io/tls_engine.hpp"

#include <array>
#include <new>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace carillon::io {
namespace {

constexpr std::size_t max_record_content = 16'384;

}  // namespace

TlsEngine::TlsEngine(const TlsContext& context, Side side, const std::string& server_name)
    : ssl_(SSL_new(context.native()), SSL_free), side_(side) {
  in_ = BIO_new(BIO_s_mem());
  out_ = BIO_new(BIO_s_mem());
  if (!ssl_ || in_ == nullptr || out_ == nullptr) throw std::bad_alloc{};
  SSL_set_bio(ssl_.get(), in_, out_);
  if (side == Side::client) {
    SSL_set_connect_state(ssl_.get());
    if (!server_name.empty()) expect(server_name);
    go_on();
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

TlsEngine::~TlsEngine() = default;

TlsEngine::State TlsEngine::receive(ByteView ciphertext) {
  if (state_ == State::failed || ciphertext.empty()) return state_;
  BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  if (state_ == State::handshaking) go_on();
  return state_;
}

/// In the certificate (RFC 5922, 7.2, by the names of RFC 6125).
void TlsEngine::expect(const std::string& server_name) {
  auto* param = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(param, server_name.c_str()) == 1) return;
  ERR_clear_error();
  SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
  SSL_set1_host(ssl_.get(), server_name.c_str());
}

void TlsEngine::go_on() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    state_ = State::open;
  } else {
    note_failure(result);
  }
}

void TlsEngine::note_failure(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return;
    case SSL_ERROR_ZERO_RETURN:
      state_ = State::closed;
      return;
    default: {
      state_ = State::failed;
      const auto code = ERR_get_error();
      const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
      error_ = reason != nullptr ? reason : "TLS failed";
      ERR_clear_error();
    }
  }
}

ByteView TlsEngine::read() {
  // One thread drives every engine, so that all of them may share the buffer.
  static std::array<std::uint8_t, max_record_content> buffer;
  if (state_ != State::open) return {};
  ERR_clear_error();
  const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
  if (count > 0) return ByteView{buffer}.first(static_cast<std::size_t>(count));
  note_failure(count);
  return {};
}

bool TlsEngine::write(ByteView plaintext) {
  if (state_ != State::open || plaintext.empty()) return state_ == State::open;
  ERR_clear_error();
  // A memory BIO grows: SSL_write never takes only a part.
  const int count = SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size()));
  if (count > 0) return true;
  note_failure(count);
  return false;
}

void TlsEngine::shut_down() {
  if (state_ != State::open && state_ != State::closed) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

ByteView TlsEngine::pending() const {
  char* octets = nullptr;
  const long count = BIO_get_mem_data(out_, &octets);
  if (count <= 0) return {};
  return {reinterpret_cast<const std::uint8_t*>(octets), static_cast<std::size_t>(count)};
}

void TlsEngine::consume(std::size_t count) {
  // A memory BIO gives its octets up only by reading them.
  static std::array<std::uint8_t, max_record_content> sink;
  if (count >= pending().size()) {
    (void)BIO_reset(out_);
    return;
  }
  while (count > 0) {
    const auto step = std::min(count, sink.size());
    if (BIO_read(out_, sink.data(), static_cast<int>(step)) <= 0) return;
    count -= step;
  }
}

std::vector<Bytes> TlsEngine::peer_chain() const {
  std::vector<Bytes> chain;
  const auto add = [&chain](const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size > 0) chain.emplace_back(der, der + size);
    OPENSSL_free(der);
  };
  const X509* own = SSL_get0_peer_certificate(ssl_.get());
  if (state_ != State::open || own == nullptr) return chain;
  add(own);
  // OpenSSL's list begins with that certificate at a client, and without it at a server.
  const STACK_OF(X509)* others = SSL_get_peer_cert_chain(ssl_.get());
  for (int i = side_ == Side::client ? 1 : 0; i < sk_X509_num(others); ++i) {
    add(sk_X509_value(others, i));
  }
  return chain;
}

}  // namespace carillon::io
