#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "io/tls_engine.hpp"

namespace carillon::io {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

/// A chain longer than this belongs to nobody whom we would let in.
constexpr long max_chain_octets = 64L << 10;

/// The file that session secrets are written to, hanging on its SSL_CTX.
struct KeyLog {
  int descriptor{-1};
  ~KeyLog() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

int keylog_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* held, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<KeyLog*>(held);
      });
  return index;
}

void write_keylog(const SSL* ssl, const char* line) {
  const auto* log = static_cast<KeyLog*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keylog_index()));
  const std::string text = std::string(line) + "\n";
  // One write a line, appended: several peers may share the file. A debugging aid may fail
  // silently.
  [[maybe_unused]] const auto written = ::write(log->descriptor, text.data(), text.size());
}

Result<void> open_keylog(SSL_CTX* context, const std::filesystem::path& path) {
  auto log = std::make_unique<KeyLog>();
  log->descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log->descriptor < 0) {
    return fail(ErrorCode::io, path.string(), std::generic_category().message(errno));
  }
  SSL_CTX_set_ex_data(context, keylog_index(), log.release());
  SSL_CTX_set_keylog_callback(context, write_keylog);
  return {};
}

std::unexpected<Error> bad_certificate(const char* what) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(ErrorCode::bad_certificate, "TLS",
              std::string(what) + (reason != nullptr ? std::string(": ") + reason : ""));
}

Result<void> use_chain(SSL_CTX* context, const std::vector<Bytes>& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const unsigned char* octets = chain[i].data();
    const X509Ptr certificate{d2i_X509(nullptr, &octets, static_cast<long>(chain[i].size())),
                              X509_free};
    if (!certificate) return bad_certificate("not a certificate");
    const bool taken = i == 0 ? SSL_CTX_use_certificate(context, certificate.get()) == 1
                              : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1;
    if (!taken) return bad_certificate("the certificate cannot be used");
  }
  return {};
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // The core verifies the chain; here only the possession of the key is proven.
  SSL_CTX_set_cert_verify_callback(context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  SSL_CTX_set_max_cert_list(context, max_chain_octets);
  // Links live long: resumption would only keep memory and send tickets.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

Result<TlsContext> TlsContext::create(const std::vector<Bytes>& chain, const security::KeyPair& key,
                                      const std::filesystem::path& keylog) {
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (!context || chain.empty()) return bad_certificate("no certificate");
  set_rules(context.get());
  if (auto used = use_chain(context.get(), chain); !used) return std::unexpected(used.error());
  if (SSL_CTX_use_PrivateKey(context.get(), key.native()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return bad_certificate("the key is not the certificate's");
  }
  if (!keylog.empty()) {
    if (auto opened = open_keylog(context.get(), keylog); !opened) {
      return std::unexpected(opened.error());
    }
  }
  return TlsContext{context};
}

}  // namespace carillon::io
