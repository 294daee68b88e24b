#include "app/phone_certificate.hpp"

#include <utility>

#include <sys/stat.h>

#include "io/files.hpp"

namespace carillon::app {

PhoneCertificate::PhoneCertificate(std::filesystem::path chain, std::filesystem::path key,
                                   std::filesystem::path authorities, io::TlsContext::Ask ask,
                                   NoticeSink log)
    : chain_(std::move(chain)),
      key_(std::move(key)),
      authorities_(std::move(authorities)),
      ask_(ask),
      log_(std::move(log)) {}

Result<SipTlsContexts> PhoneCertificate::load() {
  loaded_ = stamps();  // Before reading: what changes meanwhile is read again.
  const auto chain = io::read_file(chain_);
  if (!chain) return std::unexpected(chain.error());
  const auto key = io::read_file(key_);
  if (!key) return std::unexpected(key.error());
  const io::TlsPem own{*chain, *key};
  auto browsers = io::TlsContext::for_phones(own);
  if (!browsers) return std::unexpected(browsers.error());
  auto phones = io::TlsContext::for_phones(own, ask_);
  if (!phones) return std::unexpected(phones.error());
  auto servers = io::TlsContext::for_servers(authorities_, own);
  if (!servers) return std::unexpected(servers.error());
  return SipTlsContexts{*std::move(browsers), *std::move(phones), *std::move(servers)};
}

std::optional<SipTlsContexts> PhoneCertificate::load_if_changed() {
  return stamps() == loaded_ ? std::nullopt : reload();
}

std::optional<SipTlsContexts> PhoneCertificate::reload() {
  auto context = load();
  if (!context) {
    log_({Severity::warning,
          "the certificate for phones stays the old one: " + context.error().message()});
    return std::nullopt;
  }
  log_({Severity::info, "the certificate for phones has been read again"});
  return *std::move(context);
}

PhoneCertificate::Stamps PhoneCertificate::stamps() const {
  Stamps out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    struct stat state{};
    if (::stat((i == 0 ? chain_ : key_).c_str(), &state) != 0) continue;
    constexpr std::int64_t ns = 1'000'000'000;
    out.at(i) = {state.st_ino, state.st_mtim.tv_sec * ns + state.st_mtim.tv_nsec, state.st_size};
  }
  return out;
}

}  // namespace carillon::app
