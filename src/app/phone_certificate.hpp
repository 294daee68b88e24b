#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include <carillon/error.hpp>

#include "base/notice.hpp"
#include "io/tls_engine.hpp"

namespace carillon::app {

/// What our certificate is used for.
struct SipTlsContexts {
  io::TlsContext browsers;  ///< Who connects over WebSocket,
  io::TlsContext phones;    ///< and without; asked for a certificate if servers may come, too.
  io::TlsContext servers;   ///< Whom we connect to.
};

/// The certificate that phones see, and its key, in files that somebody renews while we run.
class PhoneCertificate {
 public:
  /// PEM: the certificate, then those above it; the key, unencrypted.
  /// `authorities`: of servers outside. `ask`: of who connects.
  PhoneCertificate(std::filesystem::path chain, std::filesystem::path key,
                   std::filesystem::path authorities, io::TlsContext::Ask ask, NoticeSink log);

  /// Reads both. What cannot be used is no reason to forget what is in use: `io`, `not_found` or
  /// `bad_certificate`.
  [[nodiscard]] Result<SipTlsContexts> load();
  /// The new one, if the files have changed since they were last read and can be used; says so
  /// in the log. Two files that do not fit together (yet) are looked at again next time.
  [[nodiscard]] std::optional<SipTlsContexts> load_if_changed();
  /// The same, changed or not.
  [[nodiscard]] std::optional<SipTlsContexts> reload();

 private:
  /// Another file, or other content: what lies at the paths now.
  struct Stamp {
    std::uint64_t inode{};
    std::int64_t modified_ns{};
    std::int64_t size{};

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 2>;
  [[nodiscard]] Stamps stamps() const;

  std::filesystem::path chain_;
  std::filesystem::path key_;
  std::filesystem::path authorities_;
  io::TlsContext::Ask ask_;
  NoticeSink log_;
  Stamps loaded_{};
};

}  // namespace carillon::app
