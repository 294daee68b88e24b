#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/known_peers_file.hpp"
#include "app/overlay_files.hpp"
#include "app/peer_settings.hpp"
#include "app/phone_certificate.hpp"
#include "app/service_addresses.hpp"
#include "app/stored_counter.hpp"
#include "io/acceptor.hpp"
#include "io/capture_sender.hpp"
#include "io/dns_resolver.hpp"
#include "io/lmdb_backend.hpp"
#include "io/load_meter.hpp"
#include "io/peer_driver.hpp"
#include "io/secure_random.hpp"
#include "io/sip_driver.hpp"
#include "peer/peer.hpp"
#include "sip/sip_core.hpp"
#include "usage/credentials/user_credentials.hpp"
#include "usage/sip/overlay_location_service.hpp"

namespace carillon::app {

/// A peer with everything on it: the cores, wired to each other and to sockets and disk. Members
/// stand in the order in which they are built; each refers only to earlier ones.
class Node {
 public:
  /// Takes the data directory and the RELOAD port. Throws Failure.
  Node(io::EventLoop& loop, const PeerSettings& settings, NoticeSink log);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Opens the SIP sockets. Throws Failure, e.g. if a port is in use.
  void open_sip();
  /// Reads the certificate for phones again; without `always`, only if its files have changed.
  void reload_certificate(bool always);

  /// Of this node, as it is now.
  [[nodiscard]] const security::Certificate& certificate() const { return *certificate_; }
  /// New ones (PEM) over the same keys, from now on. Throws Failure if they are not good for us.
  void renew_certificates(const std::string& node, const std::string& registrar_ca);

  // To be called after scheduler().begin_input().
  [[nodiscard]] peer::Peer& peer() { return *peer_; }
  [[nodiscard]] sip::SipCore& sip() { return *sip_; }
  [[nodiscard]] usage::UserCredentials& credentials() { return *credentials_; }
  [[nodiscard]] usage::OverlayLocationService& locations() { return *locations_; }

  [[nodiscard]] io::CoreScheduler& scheduler() { return scheduler_; }
  [[nodiscard]] io::SipDriver& sip_driver() { return *sip_driver_; }
  [[nodiscard]] io::PeerDriver& peer_driver() { return *peer_driver_; }
  [[nodiscard]] StoredCounter& stored_counter() { return *stored_counter_; }
  /// Null unless messages are captured.
  [[nodiscard]] const io::CaptureSender* capture() const { return capture_.get(); }
  [[nodiscard]] KnownPeersFile& known_peers() { return known_peers_; }

  [[nodiscard]] const ServiceAddresses& addresses() const { return addresses_; }
  [[nodiscard]] const security::OperatorKey& operator_key() const { return operator_key_; }
  /// Of this turn.
  [[nodiscard]] WallTime wall_time() { return scheduler_.begin_input().wall; }
  /// "host:port" for RELOAD.
  [[nodiscard]] const std::string& reload_address() const { return reload_address_; }
  /// "udp:host:port" and so on, of the SIP sockets for phones; empty before `open_sip`.
  [[nodiscard]] const std::vector<std::string>& sip_addresses() const { return sip_addresses_; }
  /// `open_sip` has been called, and has succeeded.
  [[nodiscard]] bool serves_phones() const { return sip_open_; }
  /// "host:port" of the one for peers; may be empty.
  [[nodiscard]] const std::string& sip_peer_address() const { return sip_peer_address_; }
  [[nodiscard]] const std::vector<std::string>& domains() const { return domains_; }
  /// As the overlay's configuration has it; the number ("0xf0000002") of one without a name.
  [[nodiscard]] std::string kind_name(KindId id) const;

 private:
  void listen(const ListenAddress& at);
  void build_peer(const PeerSettings& settings, PeerFiles files);
  void build_sip(const PeerSettings& settings, const security::OperatorKey& operator_key,
                 const io::TlsContext& tls);
  void use(SipTlsContexts contexts);
  [[nodiscard]] Result<NodeId> identify(const std::vector<Bytes>& chain);

  io::EventLoop& loop_;
  NoticeSink log_;
  ServiceAddresses addresses_;
  io::SecureRandom random_;
  io::DirectoryLock lock_;
  KnownPeersFile known_peers_;
  std::unique_ptr<io::LmdbBackend> backend_;
  std::unique_ptr<StoredCounter> stored_counter_;
  std::unique_ptr<io::Acceptor> acceptor_;
  io::CoreScheduler scheduler_;
  std::unique_ptr<peer::Peer> peer_;
  std::unique_ptr<io::PeerDriver> peer_driver_;
  TimerQueue sip_timers_;
  std::unique_ptr<usage::UserCredentials> credentials_;
  std::unique_ptr<usage::OverlayLocationService> locations_;
  std::unique_ptr<io::DnsResolver> dns_;
  std::unique_ptr<sip::SipCore> sip_;
  std::unique_ptr<io::CaptureSender> capture_;
  std::optional<PhoneCertificate> phone_certificate_;
  std::unique_ptr<io::SipDriver> sip_driver_;
  std::unique_ptr<io::LoadMeter> load_meter_;

  std::filesystem::path directory_;
  std::filesystem::path keylog_;
  security::CertificatePtr certificate_;
  security::OperatorKey operator_key_;
  link::AddressPort listen_;
  std::string reload_address_;
  std::vector<std::string> sip_addresses_;
  std::string sip_peer_address_;
  bool sip_open_{false};
  std::vector<std::string> domains_;
};

}  // namespace carillon::app
