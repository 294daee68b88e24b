#include "app/enrollment_service.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/failure.hpp"
#include "app/overlay_files.hpp"
#include "app/token_key_file.hpp"
#include "io/clocks.hpp"
#include "io/files.hpp"
#include "io/http_client.hpp"
#include "io/socket_address.hpp"

namespace carillon::app {
namespace {

constexpr const char* well_known = "/.well-known/reload-config";
constexpr const char* enroll_path = "/enroll";
constexpr const char* registrar_path = "/enroll/registrar";
constexpr const char* certificate_type = "application/pkix-cert";

io::HttpsIdentity identity(const EnrollmentSettings& settings, const security::Issuer& root,
                           const std::string& overlay_name, Random& random) {
  if (!settings.certificate.empty()) {
    return {must(io::read_file(settings.certificate)), must(io::read_file(settings.key))};
  }
  auto hosts = settings.hosts;
  hosts.push_back(overlay_name);
  const auto at = must(io::parse_host_and_port(settings.listen), "--listen");
  if (std::ranges::find(hosts, at.host) == hosts.end()) hosts.push_back(at.host);
  const auto pem = must(security::create_https(root, hosts, io::read_clocks().wall, random));
  // With the root, by which newcomers know that they are at the right place.
  return {pem.certificate + root.certificate->to_pem(), pem.key};
}

io::HttpResponse not_allowed(const char* allowed) {
  return {.status = 405, .body = "method_not_allowed\n", .headers = {{"Allow", allowed}}};
}

/// Does an Accept header take `type`? Its weights are not ours to judge.
bool accepts(const std::string& header, std::string_view type) {
  const auto family = std::string(type.substr(0, type.find('/'))) + "/*";
  return header.find(type) != std::string::npos || header.find(family) != std::string::npos ||
         header.find("*/*") != std::string::npos;
}

}  // namespace

EnrollmentService::EnrollmentService(io::EventLoop& loop, const EnrollmentSettings& settings,
                                     NoticeSink log)
    : document_(settings.overlay / "overlay.xml"), log_(std::move(log)) {
  const auto document = must(config::ConfigurationDocument::parse(must(io::read_file(document_))),
                             document_.string());
  const auto& overlay = document.configuration();
  if (overlay.kind(KindId::carillon_enrollment) == nullptr) {
    throw Failure(
        "the overlay's configuration has no Kind 0xf0000010, in which used tokens are "
        "remembered");
  }
  for (const auto& url : overlay.enrollment_servers)
    enrollment_paths_.push_back(must(io::HttpUrl::parse_https(url), "enrollment-server").path);
  auto root = read_issuer(settings.overlay, "root");
  root_pem_ = root.certificate->to_pem();
  operator_key_ = must(io::read_file(settings.overlay / "operator.key"));
  const auto https = identity(settings, root, overlay.instance_name, random_);
  auto domains = sip_domains(overlay);
  overlay_ = std::make_unique<ControlOverlay>(settings.control, domains.front());
  authority_ = std::make_unique<EnrollmentAuthority>(
      EnrollmentAuthority::Parts{.root = std::move(root),
                                 .overlay_name = overlay.instance_name,
                                 .domains = std::move(domains),
                                 .token_key = token_key(settings.overlay, random_),
                                 .overlay = *overlay_,
                                 .random = random_,
                                 .lifetime = settings.lifetime});
  const auto at = must(io::parse_host_and_port(settings.listen), "--listen");
  server_ = must(io::HttpServer::listen(
                     loop, {must(io::resolve(at.host), "--listen").front(), at.port},
                     [this](const io::HttpRequest& request, const io::HttpServer::Reply& reply) {
                       reply(answer(request));
                     },
                     https),
                 "--listen");
}

std::string EnrollmentService::address() const {
  const auto bound = server_->local_endpoint();
  return io::to_text(io::host_text(bound.address()), bound.port());
}

bool EnrollmentService::is_enrollment_path(const std::string& path) const {
  return path == enroll_path ||
         std::ranges::find(enrollment_paths_, path) != enrollment_paths_.end();
}

io::HttpResponse EnrollmentService::answer(const io::HttpRequest& request) {
  const bool gets = request.method == "GET" || request.method == "HEAD";
  if (request.path == well_known) return gets ? configuration() : not_allowed("GET, HEAD");
  if (request.path == "/health") {
    return gets ? io::HttpResponse{.body = "alive\n"} : not_allowed("GET, HEAD");
  }
  if (request.path == renewal_path) {
    return request.method == "POST" ? renew(request) : not_allowed("POST");
  }
  const bool registrar = request.path == registrar_path;
  if (!registrar && !is_enrollment_path(request.path)) {
    return {.status = 404, .body = "not_found\n"};
  }
  if (request.method != "POST") return not_allowed("POST");
  return registrar ? enroll_registrar(request) : enroll(request);
}

io::HttpResponse EnrollmentService::configuration() const {
  // Read anew each time: a new document is given out as soon as it is there.
  auto text = io::read_file(document_);
  if (!text) {
    log_({Severity::error, text.error().message()});
    return {.status = 500, .body = "the configuration document cannot be read\n"};
  }
  return {.content_type = "application/p2p-overlay+xml", .body = *std::move(text)};
}

io::HttpResponse EnrollmentService::enroll(const io::HttpRequest& request) {
  if (!accepts(request.accept, certificate_type)) {
    return {.status = 406, .body = "the Accept header must have application/pkix-cert\n"};
  }
  const auto form = MultipartForm::parse(request.content_type, request.body);
  if (!form) return {.status = 400, .body = form.error().message() + "\n"};
  const auto enrolled = authority_->enroll(*form, io::read_clocks().wall);
  if (!enrolled) return refused(enrolled.error());
  log_({Severity::info, "enrolled " + enrolled->node_id.to_hex()});
  const auto& der = enrolled->node->der();
  return {.content_type = certificate_type, .body = std::string(der.begin(), der.end())};
}

io::HttpResponse EnrollmentService::enroll_registrar(const io::HttpRequest& request) {
  const auto form = MultipartForm::parse(request.content_type, request.body);
  if (!form) return {.status = 400, .body = form.error().message() + "\n"};
  const auto peer = authority_->enroll_registrar(*form, io::read_clocks().wall);
  if (!peer) return refused(peer.error());
  log_({Severity::info, "enrolled " + peer->enrolled.node_id.to_hex()});
  const nlohmann::ordered_json json{{"node_id", peer->enrolled.node_id.to_hex()},
                                    {"certificate", peer->enrolled.node->to_pem()},
                                    {"registrar_ca", peer->ca->to_pem()},
                                    {"root", root_pem_},
                                    {"operator_key", operator_key_},
                                    {"bootstrap", peer->enrolled.bootstrap}};
  return {.content_type = "application/json",
          .body = json.dump() + "\n",
          .headers = {{"Cache-Control", "no-store"}}};
}

io::HttpResponse EnrollmentService::renew(const io::HttpRequest& request) {
  const auto form = MultipartForm::parse(request.content_type, request.body);
  if (!form) return {.status = 400, .body = form.error().message() + "\n"};
  // Read anew each time: nodes become bad.
  const auto text = io::read_file(document_);
  const auto document = text ? config::ConfigurationDocument::parse(*text)
                             : Result<config::ConfigurationDocument>{std::unexpected(text.error())};
  if (!document) {
    log_({Severity::error, document.error().message()});
    return {.status = 500, .body = "the configuration document cannot be read\n"};
  }
  const auto renewed =
      authority_->renew(*form, document->configuration().trust_anchors(), io::read_clocks().wall);
  if (!renewed) return refused(renewed.error());
  log_({Severity::info, "renewed " + renewed->node->node_ids().front().to_hex()});
  const nlohmann::ordered_json json{{"certificate", renewed->node->to_pem()},
                                    {"registrar_ca", renewed->ca->to_pem()}};
  return {.content_type = "application/json", .body = json.dump() + "\n"};
}

io::HttpResponse EnrollmentService::refused(const Refusal& refusal) const {
  log_({Severity::warning, "not enrolled: " + refusal.token + ": " + refusal.reason});
  io::HttpResponse response{.status = refusal.status,
                            .content_type = "text/plain",
                            .body = refusal.token,
                            .headers = {{"Carillon-Reason", refusal.reason}}};
  if (refusal.status == 503) response.headers.emplace_back("Retry-After", "2");
  return response;
}

}  // namespace carillon::app
