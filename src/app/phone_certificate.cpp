#include "app/phone_certificate.hpp"

#include <utility>

#include <sys/stat.h>

#include "io/files.hpp"

namespace carillon::app {

PhoneCertificate::PhoneCertificate(std::filesystem::path chain, std::filesystem::path key,
                                   NoticeSink log)
    : chain_(std::move(chain)), key_(std::move(key)), log_(std::move(log)) {}

Result<io::TlsContext> PhoneCertificate::load() {
  loaded_ = stamps();  // Before reading: what changes meanwhile is read again.
  const auto chain = io::read_file(chain_);
  if (!chain) return std::unexpected(chain.error());
  const auto key = io::read_file(key_);
  if (!key) return std::unexpected(key.error());
  return io::TlsContext::for_phones(*chain, *key);
}

std::optional<io::TlsContext> PhoneCertificate::load_if_changed() {
  return stamps() == loaded_ ? std::nullopt : reload();
}

std::optional<io::TlsContext> PhoneCertificate::reload() {
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
