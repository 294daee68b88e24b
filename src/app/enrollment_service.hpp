#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/control_overlay.hpp"
#include "app/enrollment/authority.hpp"
#include "app/service_addresses.hpp"
#include "io/http_server.hpp"
#include "io/secure_random.hpp"

namespace carillon::app {

/// What `carillon enrollment-server` is told.
struct EnrollmentSettings {
  std::filesystem::path overlay{};      ///< What 'overlay create' wrote.
  std::string listen{};                 ///< HOST:PORT
  std::filesystem::path control{};      ///< Of a peer beside it.
  std::vector<std::string> hosts{};     ///< That newcomers know it by.
  std::filesystem::path certificate{};  ///< Of somebody whom they trust anyway; empty: made here,
  std::filesystem::path key{};          ///< from the overlay's root.
  seconds lifetime{security::node_lifetime};  ///< Of the certificates of peers.
};

/// Enrollment over HTTPS (RFC 6940, 11.2 and 11.3):
///
///   GET  /.well-known/reload-config   the configuration document
///   POST /enroll                      a certificate for the "csr"; as RFC 6940, 11.3 has it
///   POST /enroll/registrar            all that a Carillon peer needs, as JSON
///   POST /enroll/renewal              new certificates for such a peer, as JSON
///   GET  /health
///
/// A URL that the document names as enrollment-server counts like /enroll.
class EnrollmentService {
 public:
  /// Throws Failure.
  EnrollmentService(io::EventLoop& loop, const EnrollmentSettings& settings, NoticeSink log);

  /// "host:port"
  [[nodiscard]] std::string address() const;

 private:
  [[nodiscard]] io::HttpResponse answer(const io::HttpRequest& request);
  [[nodiscard]] io::HttpResponse configuration() const;
  [[nodiscard]] io::HttpResponse enroll(const io::HttpRequest& request);
  [[nodiscard]] io::HttpResponse enroll_registrar(const io::HttpRequest& request);
  [[nodiscard]] io::HttpResponse renew(const io::HttpRequest& request);
  [[nodiscard]] io::HttpResponse refused(const Refusal& refusal) const;
  [[nodiscard]] bool is_enrollment_path(const std::string& path) const;

  std::filesystem::path document_;
  std::vector<std::string> enrollment_paths_;
  NoticeSink log_;
  io::SecureRandom random_;
  std::string operator_key_;
  std::string root_pem_;
  std::unique_ptr<ControlOverlay> overlay_;
  std::unique_ptr<EnrollmentAuthority> authority_;
  std::unique_ptr<io::HttpServer> server_;
};

}  // namespace carillon::app
