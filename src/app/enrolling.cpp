#include "app/enrolling.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "app/enrollment/multipart_form.hpp"
#include "app/enrollment/token.hpp"
#include "app/failure.hpp"
#include "app/form_question.hpp"
#include "app/overlay_files.hpp"
#include "io/clocks.hpp"
#include "io/files.hpp"
#include "io/http_client.hpp"
#include "io/secure_random.hpp"
#include "security/certificate_request.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::app {
namespace {

namespace fs = std::filesystem;

/// An enrollment server that restarts is waited for.
constexpr std::chrono::seconds enroll_within{60};
constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{5'000};

/// A member of a group makes its own token, and keeps it for the case that it has to ask again.
Token member_token(const std::string& group, const fs::path& directory) {
  const auto path = directory / "enrollment-token";
  if (const auto kept = io::read_file(path)) return must(Token::parse(*kept), path.string());
  io::SecureRandom random;
  const auto token = must(GroupToken::parse(group), "--token").derive(random);
  must(io::make_directory(directory), "--dir");
  must(io::write_file(path, as_bytes(token.text()), io::FileMode::secret));
  return token;
}

Token read_token(const EnrollingSettings& settings, const fs::path& directory) {
  auto text = settings.token;
  if (text.empty() && !settings.token_file.empty()) {
    text = must(io::read_file(settings.token_file, Token::max_text_size * 2), "--token-file");
    text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  }
  if (text.empty()) throw Failure("--join: a token is needed (--token or --token-file)");
  if (GroupToken::is_one(text)) return member_token(text, directory);
  return must(Token::parse(text), "--token");
}

std::string reason_of(const io::HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Carillon-Reason") return value;
  }
  return response.body.substr(0, 200);
}

/// There is no event loop yet; a signal ends the program.
void pause_for(milliseconds pause) {
  boost::asio::io_context context;
  boost::asio::steady_timer(context, pause).wait();
}

/// The answer, which has status 200. Asks again while nobody can answer.
io::HttpResponse ask(const io::HttpQuestion& request, const NoticeSink& log) {
  const auto give_up = std::chrono::steady_clock::now() + enroll_within;
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    auto response = io::ask_http(request);
    std::string problem;
    if (!response) {
      problem = response.error().message();
      const auto code = response.error().code;
      if (code != ErrorCode::unreachable && code != ErrorCode::request_timeout) {
        throw Failure("cannot enroll: " + problem);
      }
    } else if (response->status == 200) {
      return *std::move(response);
    } else {
      problem = "the enrollment server says " + std::to_string(response->status) + ": " +
                reason_of(*response);
      if (response->status != 503) throw Failure("cannot enroll: " + problem);
    }
    if (std::chrono::steady_clock::now() + pause > give_up) {
      throw Failure("cannot enroll: " + problem);
    }
    log({Severity::warning, problem + "; trying again"});
    pause_for(pause);
  }
}

/// The document, if it is signed as it must be and trusts the root that the token names (11.2).
config::ConfigurationDocument fetch_document(io::HttpQuestion request, const Token& token,
                                             const NoticeSink& log) {
  request.url.path = "/.well-known/reload-config";
  auto document = must(config::ConfigurationDocument::parse(ask(request, log).body),
                       "the configuration document");
  must(config::verify_self(document, io::read_clocks().wall,
                           std::make_shared<security::OpensslVerifier>()),
       "the configuration document");
  const auto& roots = document.configuration().root_certs;
  const bool named = std::ranges::any_of(
      roots, [&token](const auto& root) { return root->digest() == token.root(); });
  if (!named) throw Failure("the configuration document is not of the overlay of the token");
  return document;
}

/// One that was made for an earlier try, so that the token still fits; else a new one.
security::KeyPair key_in(const fs::path& path) {
  const auto text = io::read_file(path);
  if (text) return must(security::KeyPair::from_pem(*text), path.string());
  auto key = must(security::KeyPair::generate(security::KeyType::ecdsa));
  must(io::write_file(path, as_bytes(key.to_pem()), io::FileMode::secret));
  return key;
}

std::string request_for(const security::KeyPair& key) {
  const auto der = must(security::CertificateRequest::create(key));
  return {der.begin(), der.end()};
}

MultipartForm form_for(const Token& token, const fs::path& directory) {
  MultipartForm form;
  form.add({.name = "username", .content = token.user_name()});
  form.add({.name = "password", .content = token.text()});
  form.add({.name = "csr",
            .content_type = "application/pkcs10",
            .content = request_for(key_in(directory / "node.key"))});
  form.add({.name = "registrar-csr",
            .content_type = "application/pkcs10",
            .content = request_for(key_in(directory / "registrar-ca.key"))});
  return form;
}

nlohmann::json enroll(io::HttpUrl server, const Token& token, const fs::path& directory,
                      const NoticeSink& log) {
  server.path = "/enroll/registrar";
  const auto request = form_question(std::move(server), token.root(), form_for(token, directory));
  auto json = nlohmann::json::parse(ask(request, log).body, nullptr, false);
  if (!json.is_object()) throw Failure("cannot enroll: the answer is not JSON");
  return json;
}

/// Does what was issued lead to the overlay's root (11.3)?
void check_chain(const std::string& pem, const config::OverlayConfiguration& overlay) {
  security::ChainVerifier verifier(overlay.trust_anchors());
  const auto chain = must(security::Certificate::parse_pem_list(pem), "the new certificate");
  must(verifier.verify(chain.front(), chain, io::read_clocks().wall), "the new certificate");
}

std::string lines_of(const nlohmann::json& list) {
  std::string text;
  for (const auto& line : list)
    text += line.get<std::string>() + "\n";
  return text;
}

void write_files(const nlohmann::json& issued, const config::ConfigurationDocument& document,
                 const fs::path& directory) {
  const auto write = [&](const char* name, const std::string& content, io::FileMode mode) {
    must(io::write_file(directory / name, as_bytes(content), mode));
  };
  const auto text = [&](const char* name) { return issued.at(name).get<std::string>(); };
  check_chain(text("certificate"), document.configuration());
  write("overlay.xml", document.text(), io::FileMode::shared);
  write("root.crt", text("root"), io::FileMode::shared);
  write("operator.key", text("operator_key"), io::FileMode::secret);
  write("bootstrap", lines_of(issued.at("bootstrap")), io::FileMode::shared);
  write("registrar-ca.crt", text("registrar_ca"), io::FileMode::shared);
  write("node.crt", text("certificate"), io::FileMode::shared);  // Last: it says all is there.
}

}  // namespace

void enroll_if_new(const EnrollingSettings& settings, const fs::path& directory,
                   const NoticeSink& log) {
  if (fs::exists(directory / "node.crt")) return;
  const auto token = read_token(settings, directory);
  must(io::make_directory(directory), "--dir");
  const io::HttpQuestion request{.url = must(io::HttpUrl::parse_https(settings.url), "--join"),
                                 .pinned_root = token.root()};
  const auto document = fetch_document(request, token, log);
  const auto issued = enroll(request.url, token, directory, log);
  try {
    write_files(issued, document, directory);
    log({Severity::info, "enrolled as " + issued.at("node_id").get<std::string>()});
  } catch (const nlohmann::json::exception& error) {
    throw Failure(std::string("cannot enroll: the answer lacks something: ") + error.what());
  }
}

std::vector<std::string> enrolled_bootstrap(const fs::path& directory) {
  std::vector<std::string> addresses;
  const auto text = io::read_file(directory / "bootstrap");
  std::istringstream lines(text ? *text : std::string{});
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) addresses.push_back(line);
  }
  return addresses;
}

}  // namespace carillon::app
