#include "app/node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/failure.hpp"
#include "app/trunk_settings.hpp"
#include "io/socket_address.hpp"
#include "sip/text.hpp"

namespace carillon::app {
namespace {

/// Keys nonces and flow tokens; kept, so that what phones were given is still good after a restart.
Bytes sip_secret(const std::filesystem::path& path, Random& random) {
  constexpr std::size_t size = 32;
  const auto kept = io::read_file(path, size);
  if (kept && kept->size() == size) return to_bytes(as_bytes(*kept));
  auto secret = random.bytes(size);
  must(io::write_file(path, secret, io::FileMode::secret), "--data");
  return secret;
}

/// As the settings name them, which were checked when they were read.
std::vector<sip::DigestAlgorithm> digests(const std::vector<std::string>& names) {
  std::vector<sip::DigestAlgorithm> out;
  for (const auto& name : names) {
    const auto algorithm = sip::digest_algorithm(name);
    if (algorithm && std::ranges::find(out, *algorithm) == out.end()) out.push_back(*algorithm);
  }
  return out;
}

sip::Networks networks(const std::vector<std::string>& texts) {
  sip::Networks out;
  for (const auto& text : texts)
    (void)out.add(text);
  return out;
}

sip::Redirect redirect(const std::string& whom) {
  if (whom == "everyone") return sip::Redirect::everyone;
  return whom == "trusted" ? sip::Redirect::trusted : sip::Redirect::nobody;
}

/// All registrars have the operator's key, and no one else: any of them resolves a temporary GRUU,
/// and serves another's dialogs.
Bytes overlay_secret(const security::OperatorKey& key) {
  const auto secret = HmacSha256{key.octets}(as_bytes("temporary GRUUs"));
  return {secret.begin(), secret.end()};
}

std::vector<sip::TrunkOptions> trunks(const PeerSettings& settings) {
  std::vector<sip::TrunkOptions> out;
  for (const auto& text : settings.sip_trunks)
    out.push_back(must(read_trunk(text), "--sip-trunk"));
  return out;
}

std::string text_of(const sip::HostPort& at) {
  return io::to_text(at.host, at.port);
}

OverlayPeerSettings overlay_settings(const PeerSettings& settings,
                                     const ServiceAddresses& addresses) {
  return {.directory = settings.directory,
          .data = settings.data,
          .listen = addresses.reload,
          .bootstrap = addresses.bootstrap,
          .first = settings.first,
          .confirmations = settings.confirmations,
          .keylog = settings.keylog};
}

}  // namespace

Node::Node(io::EventLoop& loop, const PeerSettings& settings, NoticeSink log)
    : loop_(loop),
      log_(std::move(log)),
      addresses_(read_addresses(settings)),
      overlay_(loop, overlay_settings(settings, addresses_), log_),
      stored_counter_(std::make_unique<StoredCounter>(loop_, overlay_.backend())),
      trunks_(trunks(settings)),
      trunk_passwords_(settings.sip_trunk_passwords) {
  domains_ = sip_domains(peer().configuration().configuration());
  build_sip(settings);
}

sip::SipOptions Node::sip_options(const PeerSettings& settings) {
  sip::SipOptions options;
  options.domains = domains_;
  options.peer_id = peer().node_id().to_hex();
  options.secret = sip_secret(settings.data / "sip-secret", overlay_.random());
  options.digests = digests(settings.digest);
  for (const auto& domain : settings.sip_foreign_domains)
    options.foreign_domains.push_back(sip::lower_case(domain));
  for (const auto& name : settings.sip_names)
    options.names.push_back(sip::lower_case(name));
  options.record_route = sip::lower_case(settings.record_route);
  options.trusted = networks(settings.trust);
  options.redirect = redirect(settings.redirect);
  options.any_from = settings.any_from;
  options.limits.bindings_per_aor = settings.contacts;
  options.trunks = trunks_;
  if (!trunk_passwords_.empty()) {
    must(load_trunk_passwords(trunk_passwords_, options.trunks, log_), trunk_passwords_.string());
  }
  options.trunk_for = settings.sip_trunk_for;
  options.via_alias = !settings.sip_tls_certificate.empty();
  options.fork_by_q = settings.serial_forking;
  options.service_route = settings.service_route;
  options.capture = addresses_.capture.has_value();
  options.overlay_secret = overlay_secret(operator_key());
  options.limits.source_rate = settings.source_rate;
  options.limits.source_failures = settings.source_failures;
  options.limits.ban = seconds{settings.ban_seconds};
  options.limits.connections_per_source = settings.source_connections;
  options.limits.user_rate = settings.user_rate;
  return options;
}

void Node::build_sip(const PeerSettings& settings) {
  auto& random = overlay_.random();
  credentials_ = std::make_unique<usage::UserCredentials>(
      peer(), operator_key(), random, sip_timers_, usage::CredentialOptions{}, log_);
  locations_ = std::make_unique<usage::OverlayLocationService>(peer(), sip_timers_,
                                                               usage::LocationOptions{}, log_);
  auto options = sip_options(settings);
  const auto transactions = options.limits.transactions;
  sip_ = std::make_unique<sip::SipCore>(std::move(options), sip_timers_, random, *locations_,
                                        *credentials_, log_);
  sip_->make_room(transactions);
  locations_->set_own_bindings(*sip_);
  dns_ = must(io::DnsResolver::create(loop_, settings.dns_servers,
                                      {.begin_input = [this] { scheduler().begin_input(); },
                                       .done = [this] { sip_driver_->drain(); }}),
              "--dns-server");
  sip_->set_dns(dns_.get());
  scheduler().add_listener([this](Now now) {
    credentials_->handle_time(now);
    locations_->handle_time(now);
  });
  load_meter_ = std::make_unique<io::LoadMeter>(loop_, [this](double load) {
    scheduler().begin_input();
    sip_->handle_load(load);
  });
  sip_driver_ = std::make_unique<io::SipDriver>(
      loop_, scheduler(), *sip_,
      io::SipDriver::PeerTls{overlay_.tls(), [this](const auto& chain) { return identify(chain); }},
      io::SipDriverLimits{}, log_);
  sip_driver_->set_server_tls(
      must(io::TlsContext::for_servers(settings.sip_tls_authorities), "--sip-tls-ca"));
  if (const auto& at = addresses_.capture) {
    capture_ = must(io::CaptureSender::create(loop_, {at->address, at->port},
                                              {settings.capture_id, settings.capture_password}),
                    "--capture");
    sip_driver_->set_capture([this](const auto& captured) { capture_->send(captured); });
  }
  sip_driver_->set_web_socket_options({.origins = settings.sip_ws_origins});
  if (settings.sip_tls_certificate.empty()) return;
  const auto ask =
      settings.sip_tls_reuse ? io::TlsContext::Ask::certificate : io::TlsContext::Ask::nothing;
  if (settings.sip_tls_reuse) {
    sip_driver_->set_server_identities(
        must(io::ServerIdentities::create(settings.sip_tls_authorities), "--sip-tls-ca"));
  }
  phone_certificate_.emplace(settings.sip_tls_certificate, settings.sip_tls_key,
                             settings.sip_tls_authorities, ask, log_);
  use(must(phone_certificate_->load(), "--sip-tls-certificate"));
}

void Node::use(SipTlsContexts contexts) {
  sip_driver_->set_phone_tls(std::move(contexts.phones), std::move(contexts.browsers));
  sip_driver_->set_server_tls(std::move(contexts.servers));
}

std::string Node::kind_name(KindId id) const {
  const auto* kind = overlay_.peer().configuration().configuration().kind(id);
  if (kind != nullptr && !kind->name.empty()) return kind->name;
  return fmt::format("{:#x}", static_cast<std::uint32_t>(id));
}

void Node::reload_certificate(bool always) {
  if (!phone_certificate_) return;
  auto context = always ? phone_certificate_->reload() : phone_certificate_->load_if_changed();
  if (context) use(*std::move(context));
}

void Node::reload_trunk_passwords() {
  if (trunk_passwords_.empty()) return;
  auto trunks = trunks_;
  if (const auto loaded = load_trunk_passwords(trunk_passwords_, trunks, log_); !loaded) {
    return log_({Severity::warning,
                 "the passwords for trunks stay the old ones: " + loaded.error().message()});
  }
  log_({Severity::info, "the passwords for trunks have been read again"});
  scheduler().begin_input();
  sip_->set_trunk_logins(trunks);
  sip_driver_->drain();
}

void Node::renew_certificates(const std::string& node, const std::string& registrar_ca) {
  overlay_.renew_certificates(node, registrar_ca);
  sip_driver_->set_peer_tls(overlay_.tls());
}

Result<NodeId> Node::identify(const std::vector<Bytes>& chain) {
  const auto nodes = peer().verify_certificates(chain);
  if (!nodes) return std::unexpected(nodes.error());
  if (nodes->size() != 1) {
    return fail(ErrorCode::bad_certificate, "certificate", "is not that of one node");
  }
  return nodes->front();
}

void Node::open_sip() {
  scheduler().begin_input();
  for (const auto& [transport, at] : addresses_.sip) {
    const bool for_peers = transport == sip::Transport::tls_peer;
    const auto address = must(sip_driver_->listen(transport, at.address, at.port),
                              for_peers ? "--sip-peer" : "--sip");
    if (for_peers) {
      sip_peer_address_ = text_of(address);
    } else {
      const std::string kind{phone_transport_name(transport)};
      sip_addresses_.push_back(kind + ":" + text_of(address));
    }
  }
  sip_->start_trunks();
  sip_open_ = true;
}

}  // namespace carillon::app
