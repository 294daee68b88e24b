#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <carillon/error.hpp>

#include "base/bytes.hpp"
#include "security/key_pair.hpp"

struct ssl_ctx_st;  // OpenSSL's, kept out of the headers.
struct ssl_st;
struct bio_st;

namespace carillon::io {

/// What we show phones and servers outside. PEM texts: our certificate, then those above it; its
/// key, unencrypted.
struct TlsPem {
  std::string chain{};
  std::string key{};
};

/// What all TLS connections of one kind share: certificate chain, key, and the rules of the
/// handshake. TLS 1.2 and 1.3.
class TlsContext {
 public:
  /// Between peers: a certificate is demanded of both sides (RFC 6940, 6.5.1). Here any well-formed
  /// one will do, as long as the other side proves that it has the key: who may connect is for the
  /// core to decide, which is handed the chain.
  ///
  /// `chain`: DER, our own certificate first. `bad_certificate` if it is not one, or if `key` is
  /// not its key. `keylog`: where to append the session secrets (NSS format), for debugging only;
  /// empty for not at all. `io` if that file cannot be opened.
  [[nodiscard]] static Result<TlsContext> create(const std::vector<Bytes>& chain,
                                                 const security::KeyPair& key,
                                                 const std::filesystem::path& keylog = {});

  /// Whether who connects is asked for a certificate: a server may have one (RFC 5923, 9.2). It
  /// need not show any, and whose one is, is not judged here.
  enum class Ask : std::uint8_t { nothing, certificate };

  /// For phones that connect to us: they see our certificate and need none (RFC 3261, 26.3.2.1).
  /// `bad_certificate` if `own` is none, or its parts do not fit together.
  [[nodiscard]] static Result<TlsContext> for_phones(const TlsPem& own, Ask ask = Ask::nothing);

  /// For servers that we connect to: their certificate must come from a CA in the file
  /// `authorities` (PEM), or if that is empty from one that the system trusts. Those that ask for
  /// one are shown `own`, unless that is empty. `bad_certificate` if either cannot be used.
  [[nodiscard]] static Result<TlsContext> for_servers(const std::filesystem::path& authorities,
                                                      const TlsPem& own = {});

  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// One side of one TLS connection, without a socket: octets of the network go in and come out.
class TlsEngine {
 public:
  enum class Side : std::uint8_t { client, server };
  enum class State : std::uint8_t {
    handshaking,
    open,
    closed,  ///< The other side has said that it will send no more.
    failed,  ///< See `error()`; what is left to send is an alert.
  };

  /// `server_name`: of a context for servers, whom the certificate must name; a host or an address.
  TlsEngine(const TlsContext& context, Side side, const std::string& server_name = {});
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// Takes octets from the network and goes on with the handshake as far as they allow.
  State receive(ByteView ciphertext);
  /// The content of the next record, at most 16 KiB, valid until the next call; empty if there is
  /// none. Call until it is empty, then look at `state()`.
  [[nodiscard]] ByteView read();
  /// Makes one record (or several, over 16 KiB) of `plaintext`. Only when open.
  [[nodiscard]] bool write(ByteView plaintext);
  /// Says goodbye (close_notify); nothing can be written afterwards.
  void shut_down();

  /// What waits for being sent, until `consume` takes it off.
  [[nodiscard]] ByteView pending() const;
  void consume(std::size_t count);

  [[nodiscard]] State state() const { return state_; }
  /// Why it failed, e.g. "tlsv1 alert unknown ca".
  [[nodiscard]] const std::string& error() const { return error_; }
  /// The other side's certificates, DER, its own first. Empty before the handshake is done.
  [[nodiscard]] std::vector<Bytes> peer_chain() const;

 private:
  void go_on();
  void expect(const std::string& server_name);
  void note_failure(int result);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bio_st* in_{};   ///< Owned by ssl_.
  bio_st* out_{};  ///< Owned by ssl_.
  Side side_;
  State state_{State::handshaking};
  std::string error_;
};

}  // namespace carillon::io
