#include "app/peer_settings.hpp"

#include <algorithm>

#include "app/service_addresses.hpp"
#include "io/http_client.hpp"
#include "io/socket_address.hpp"
#include "sip/digest_algorithm.hpp"
#include "sip/networks.hpp"
#include "sip/text.hpp"
#include "sip/trunks.hpp"
#include "sip/uri.hpp"

namespace carillon::app {
namespace {

/// "--log-level" is CARILLON_LOG_LEVEL in the environment.
std::string environment_name(std::string flag) {
  flag.erase(0, flag.find_first_not_of('-'));
  std::ranges::transform(flag, flag.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return "CARILLON_" + flag;
}

CLI::Option* with_environment(CLI::Option* option) {
  return option->envname(environment_name(option->get_name()));
}

/// May be given several times; in the environment the values are separated by commas.
CLI::Option* repeatable(CLI::Option* option) {
  return option->delimiter(',')->allow_extra_args(false);
}

/// Empty if `text` is host:port, else what is wrong with it.
std::string wrong_address(const std::string& text) {
  const auto read = io::parse_host_and_port(text);
  return read ? std::string{} : read.error().detail;
}

std::string wrong_digest(const std::string& text) {
  return sip::digest_algorithm(text) ? std::string{} : "none of MD5, SHA-256 and SHA-512-256";
}

std::string wrong_sip_address(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || !phone_transport(text.substr(0, colon))) {
    return "\"" + text + "\" is not udp:HOST:PORT, nor the same with tcp, tls, ws or wss";
  }
  return wrong_address(text.substr(colon + 1));
}

std::string wrong_collector(const std::string& text) {
  if (!text.starts_with("udp:")) return "\"" + text + "\" is not udp:HOST:PORT";
  return wrong_address(text.substr(4));
}

void define_capture(CLI::App& command, PeerSettings& settings) {
  auto* capture = with_environment(command.add_option(
      "--capture", settings.capture,
      "A Homer collector (HEPv3) that gets a copy of every SIP message, those under TLS\n"
      "in the clear: udp:HOST:PORT"));
  auto* id = with_environment(command.add_option("--capture-id", settings.capture_id,
                                                 "What the collector knows this peer by"));
  auto* password = with_environment(command.add_option(
      "--capture-password", settings.capture_password, "If the collector wants one"));
  capture->check(wrong_collector)->type_name("WHERE");
  id->needs(capture)->capture_default_str()->type_name("N");
  password->needs(capture)->type_name("TEXT");
}

std::string wrong_trunk(const std::string& text) {
  const auto uri = sip::Uri::parse(text);
  if (!uri || !uri->is_sip()) return "\"" + text + "\" is not a SIP URI";
  return uri->user.empty() && !uri->has_headers ? std::string{} : "a user or headers in it";
}

std::string wrong_trunk_rule(const std::string& text) {
  return sip::is_trunk_rule(text) ? std::string{}
                                  : "neither numbers nor everything nor the beginning of numbers";
}

void define_trunk_options(CLI::App& command, PeerSettings& settings) {
  auto* trunk = repeatable(with_environment(command.add_option(
      "--sip-trunk", settings.sip_trunks,
      "Where numbers go that no user here has: a gateway as sip:HOST:PORT;transport=tcp,\n"
      "or with ;lr a proxy on the way to it. Our own users get there, and nobody else.\n"
      "May be given again: the next is tried when one fails")));
  auto* what = repeatable(with_environment(command.add_option(
      "--sip-trunk-for", settings.sip_trunk_for,
      "What goes there: numbers, everything that is no user here, or numbers that begin\n"
      "so, e.g. +49; may be given again")));
  trunk->check(wrong_trunk)->type_name("URI");
  what->needs(trunk)->check(wrong_trunk_rule)->capture_default_str()->type_name("WHAT");
}

void define_outside_options(CLI::App& command, PeerSettings& settings) {
  repeatable(
      with_environment(command.add_option(
          "--sip-foreign-domain", settings.sip_foreign_domains,
          "A domain of others that our users may call; its servers are found as in RFC 3263.\n"
          "May be given again")))
      ->type_name("DOMAIN");
  with_environment(command.add_option("--sip-tls-ca", settings.sip_tls_authorities,
                                      "Who certifies servers outside, PEM; by default, whom the\n"
                                      "system trusts"))
      ->type_name("FILE");
  repeatable(with_environment(command.add_option(
                 "--dns-server", settings.dns_servers,
                 "Whom to ask for names, ADDRESS or ADDRESS:PORT; by default, as the system does.\n"
                 "May be given again")))
      ->type_name("ADDRESS");
}

/// Such as can stand in a SIP URI for a host.
std::string wrong_host(const std::string& text) {
  const auto uri = sip::Uri::parse("sip:" + text);
  const bool good = uri && uri->port == 0 && uri->params.empty() && !uri->has_headers &&
                    uri->host == sip::lower_case(text);
  return good ? std::string{} : "not the name of a host";
}

void define_tls_options(CLI::App& command, PeerSettings& settings) {
  auto* certificate = with_environment(command.add_option(
      "--sip-tls-certificate", settings.sip_tls_certificate,
      "What phones see over TLS: its certificate and those above it, PEM. Read again\n"
      "when the files change, and at SIGHUP"));
  auto* key = with_environment(command.add_option("--sip-tls-key", settings.sip_tls_key,
                                                  "The key of --sip-tls-certificate, PEM"));
  repeatable(
      with_environment(command.add_option(
          "--sip-name", settings.sip_names,
          "A host name under which phones know this peer, if they have it as outbound proxy;\n"
          "may be given again. The overlay's domains need not be named")))
      ->type_name("HOST");
  with_environment(
      command.add_option(
          "--record-route", settings.record_route,
          "A name that leads phones to any of the peers, e.g. sip.example.org: told to\n"
          "them for the rest of a call, which then outlives this peer"))
      ->check(wrong_host)
      ->type_name("HOST");
  repeatable(with_environment(command.add_option(
                 "--sip-ws-origin", settings.sip_ws_origins,
                 "Web pages whose browsers may use ws: and wss:, e.g. https://phone.example.org;\n"
                 "may be given again. Without it, all may")))
      ->type_name("ORIGIN");
  with_environment(
      command.add_flag(
          "--sip-tls-reuse", settings.sip_tls_reuse,
          "Ask who connects over TLS for a certificate: a server outside that shows one\n"
          "of --sip-tls-ca is sent requests on its connection, if it wants (RFC 5923)"))
      ->needs(certificate);
  certificate->needs(key)->type_name("FILE");
  key->needs(certificate)->type_name("FILE");
}

std::string wrong_network(const std::string& text) {
  return sip::Networks{}.add(text) ? std::string{} : "neither an IP address nor a network";
}

/// What a SIP server before us, which keeps the phones, wants of us.
void define_edge_options(CLI::App& command, PeerSettings& settings) {
  repeatable(with_environment(command.add_option(
                 "--trust", settings.trust,
                 "A SIP server that authenticates its users itself: an address, or a network as\n"
                 "192.0.2.0/24; may be given again. What comes from there is not challenged, so\n"
                 "nobody else must be able to send from there")))
      ->check(wrong_network)
      ->type_name("ADDRESS");
  with_environment(
      command.add_option("--redirect", settings.redirect,
                         "Who is told where a user is (302) instead of being connected: nobody,\n"
                         "trusted (the servers of --trust) or everyone"))
      ->check(CLI::IsMember({"nobody", "trusted", "everyone"}))
      ->capture_default_str()
      ->type_name("WHOM");
}

CLI::Option* define_number(CLI::App& command, const char* flag, unsigned& value, const char* help) {
  return with_environment(command.add_option(flag, value, help))
      ->capture_default_str()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->type_name("N");
}

/// What one address or one user may do; 0 always means without limit.
void define_limits(CLI::App& command, PeerSettings& settings) {
  define_number(command, "--source-rate", settings.source_rate,
                "SIP messages a second from one address (four seconds' worth at once); more are\n"
                "dropped. 0, here and below: no limit");
  define_number(command, "--source-failures", settings.source_failures,
                "Wrong passwords from one address at once, and one more each ten seconds; after\n"
                "that it is banned");
  define_number(command, "--ban", settings.ban_seconds, "Seconds that a ban lasts")
      ->check(CLI::Range(1U, 604'800U));
  define_number(command, "--source-connections", settings.source_connections,
                "Connections of phones from one address");
  define_number(command, "--user-rate", settings.user_rate,
                "Calls and changed registrations a second of one user; more get 503");
  define_number(command, "--contacts", settings.contacts, "Contacts that one user may register")
      ->check(CLI::Range(1U, 50U));
  with_environment(command.add_flag(
      "--serial-forking", settings.serial_forking,
      "Call a user's contacts of lower q only after those of higher q have failed; without\n"
      "it all ring at once"));
  with_environment(command.add_flag(
      "--service-route", settings.service_route,
      "Tell phones to send all their requests through the peer they registered at"));
  repeatable(with_environment(command.add_option(
                 "--any-from", settings.any_from,
                 "A user who may call in anybody's name, e.g. a PBX: pbx@example.org; may be\n"
                 "given again")))
      ->type_name("USER");
}

void define_enrolling(CLI::App& command, EnrollingSettings& settings) {
  auto* join = with_environment(
      command.add_option("--join", settings.url,
                         "An enrollment server to ask for what --dir must hold, if it is empty"));
  join->check([](const std::string& text) {
        const auto url = io::HttpUrl::parse_https(text);
        return url ? std::string{} : url.error().message();
      })
      ->type_name("https://HOST[:PORT]");
  with_environment(command.add_option("--token", settings.token,
                                      "The one-time token for --join, from 'carillon token add'"))
      ->type_name("TOKEN");
  with_environment(command.add_option("--token-file", settings.token_file,
                                      "A file that has it; others may see the command line"))
      ->type_name("FILE");
}

void define_overlay_options(CLI::App& command, PeerSettings& settings) {
  with_environment(
      command.add_option("--dir", settings.directory,
                         "The peer's certificates and keys: from 'overlay enroll', or\n"
                         "written there by --join"))
      ->required()
      ->type_name("PEERDIR");
  with_environment(command.add_option("--data", settings.data,
                                      "Where the peer keeps its part of the overlay's data"))
      ->required()
      ->type_name("DATADIR");
  with_environment(command.add_option("--listen", settings.listen,
                                      "Where other peers reach this one (port 0: any)"))
      ->required()
      ->check(wrong_address)
      ->type_name("HOST:PORT");
  repeatable(with_environment(command.add_option(
                 "--bootstrap", settings.bootstrap,
                 "A peer to ask for entry; may be given again. Besides, the overlay's own\n"
                 "bootstrap nodes and the peers known from last time are asked")))
      ->check(wrong_address)
      ->type_name("HOST:PORT");
  define_enrolling(command, settings.enrolling);
  with_environment(command.add_flag(
      "--first", settings.first,
      "If nobody answers, start a new ring. Give it to one peer, which may keep it"));
  with_environment(command.add_option("--confirmations", settings.confirmations,
                                      "Replicas that must hold a value before it is acknowledged"))
      ->check(CLI::Range(0U, 2U))
      ->capture_default_str()
      ->type_name("N");
}

void define_service_options(CLI::App& command, PeerSettings& settings) {
  repeatable(
      with_environment(command.add_option(
          "--sip", settings.sip,
          "Where phones register: udp:HOST:PORT, tcp:, tls:, ws: or wss:; may be given again")))
      ->check(wrong_sip_address)
      ->type_name("WHERE");
  define_tls_options(command, settings);
  define_outside_options(command, settings);
  repeatable(with_environment(command.add_option(
                 "--digest", settings.digest,
                 "What phones may authenticate with: MD5, SHA-256 or SHA-512-256; those given are\n"
                 "offered in this order. Many phones read only the first")))
      ->check(wrong_digest)
      ->capture_default_str()
      ->type_name("ALGORITHM");
  with_environment(command.add_option(
                       "--sip-peer", settings.sip_peer,
                       "Where other peers bring calls for phones that hang on a connection to us"))
      ->check(wrong_address)
      ->type_name("HOST:PORT");
  with_environment(
      command.add_option("--control", settings.control, "Unix socket for the other commands"))
      ->type_name("PATH");
  with_environment(command.add_option(
                       "--http", settings.http,
                       "Where operators ask for /metrics, /health and /ready; without encryption"))
      ->check(wrong_address)
      ->type_name("HOST:PORT");
  with_environment(
      command.add_option("--heat", settings.heat,
                         "Belong to an OpenStack autoscaling group: what Heat gave this server,\n"
                         "e.g. /var/lib/heat-cfntools/cfn-init-data"))
      ->type_name("FILE");
  with_environment(command.add_option("--log-level", settings.log_level,
                                      "debug, info, warning or error; the log goes to stderr"))
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str()
      ->type_name("LEVEL");
  with_environment(
      command.add_option("--keylog", settings.keylog,
                         "Append the secrets of all TLS connections to FILE, for debugging only:\n"
                         "who has the file can read the traffic"))
      ->type_name("FILE");
}

}  // namespace

void define_peer_settings(CLI::App& command, PeerSettings& settings) {
  define_overlay_options(command, settings);
  define_service_options(command, settings);
  define_edge_options(command, settings);
  define_capture(command, settings);
  define_trunk_options(command, settings);
  define_limits(command, settings);
  with_environment(command.set_config("--config", "",
                                      "Read flags from a TOML file, e.g.\n"
                                      "  listen = \"192.0.2.1:6084\""))
      ->type_name("FILE");
  command.allow_config_extras(CLI::config_extras_mode::error);
}

}  // namespace carillon::app
