#include <string_view>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "io/tls_engine.hpp"

namespace carillon::io {
namespace {

using PemBio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using PemKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PemCertificate = std::unique_ptr<X509, decltype(&X509_free)>;

/// A phone that comes back within this time need not do the whole handshake again.
constexpr long session_lifetime_s = 3600;

PemBio pem_bio(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

std::unexpected<Error> unusable(const char* what) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(ErrorCode::bad_certificate, "TLS for phones",
              std::string(what) + (reason != nullptr ? std::string(": ") + reason : ""));
}

/// An encrypted key has nobody here who could be asked for its password.
int no_password(char*, int, int, void*) {
  return -1;
}

Result<void> use_chain_of(SSL_CTX* context, const std::string& pem) {
  const auto bio = pem_bio(pem);
  bool first = true;
  while (true) {
    const PemCertificate certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr),
                                     X509_free};
    if (!certificate) break;
    const bool taken = first ? SSL_CTX_use_certificate(context, certificate.get()) == 1
                             : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1;
    if (!taken) return unusable("the certificate cannot be used");
    first = false;
  }
  if (first) return unusable("no certificate");
  // Anything but the end of the text is one that is broken.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return unusable("a certificate that cannot be read");
  }
  ERR_clear_error();
  return {};
}

void set_phone_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  // Tickets hold the session at the phone: thousands that come back at once cost little, and
  // nothing is kept for those that do not.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, session_lifetime_s);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

/// Phones have none, or one that nobody knows: neither ends the handshake.
void ask_for_certificate(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  // Tickets carry what was shown; they are good for these connections only.
  static constexpr std::string_view name = "carillon sip";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<unsigned>(name.size()));
}

Result<void> use_own(SSL_CTX* context, const TlsPem& own) {
  if (auto used = use_chain_of(context, own.chain); !used) return used;
  const PemKey key{PEM_read_bio_PrivateKey(pem_bio(own.key).get(), nullptr, no_password, nullptr),
                   EVP_PKEY_free};
  if (!key) return unusable("no unencrypted key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return unusable("the key is not the certificate's");
  }
  return {};
}

}  // namespace

Result<TlsContext> TlsContext::for_servers(const std::filesystem::path& authorities,
                                           const TlsPem& own) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context) return unusable("OpenSSL");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  const bool trusts = authorities.empty()
                          ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                          : SSL_CTX_load_verify_file(context.get(), authorities.c_str()) == 1;
  if (!trusts) return unusable("the authorities cannot be read");
  if (!own.chain.empty()) {
    if (auto used = use_own(context.get(), own); !used) return std::unexpected(used.error());
  }
  return TlsContext{context};
}

Result<TlsContext> TlsContext::for_phones(const TlsPem& own, Ask ask) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return unusable("OpenSSL");
  set_phone_rules(context.get());
  if (ask == Ask::certificate) ask_for_certificate(context.get());
  if (auto used = use_own(context.get(), own); !used) return std::unexpected(used.error());
  return TlsContext{context};
}

}  // namespace carillon::io
