#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/overlay_peer.hpp"
#include "app/peer_settings.hpp"
#include "app/phone_certificate.hpp"
#include "app/service_addresses.hpp"
#include "app/stored_counter.hpp"
#include "io/capture_sender.hpp"
#include "io/dns_resolver.hpp"
#include "io/load_meter.hpp"
#include "io/sip_driver.hpp"
#include "sip/sip_core.hpp"
#include "usage/credentials/user_credentials.hpp"
#include "usage/sip/overlay_location_service.hpp"

namespace carillon::app {

/// A peer of the overlay with everything on it: the cores, wired to each other and to sockets.
/// Members stand in the order in which they are built; each refers only to earlier ones.
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
  /// Reads the passwords for trunks again. What cannot be used is told in the log, no more.
  void reload_trunk_passwords();

  /// Of this node, as it is now.
  [[nodiscard]] const security::Certificate& certificate() const { return overlay_.certificate(); }
  /// New ones (PEM) over the same keys, from now on. Throws Failure if they are not good for us.
  void renew_certificates(const std::string& node, const std::string& registrar_ca);

  // To be called after scheduler().begin_input().
  [[nodiscard]] peer::Peer& peer() { return overlay_.peer(); }
  [[nodiscard]] sip::SipCore& sip() { return *sip_; }
  [[nodiscard]] usage::UserCredentials& credentials() { return *credentials_; }
  [[nodiscard]] usage::OverlayLocationService& locations() { return *locations_; }

  [[nodiscard]] io::CoreScheduler& scheduler() { return overlay_.scheduler(); }
  [[nodiscard]] io::SipDriver& sip_driver() { return *sip_driver_; }
  [[nodiscard]] io::PeerDriver& peer_driver() { return overlay_.driver(); }
  [[nodiscard]] StoredCounter& stored_counter() { return *stored_counter_; }
  /// Null unless messages are captured.
  [[nodiscard]] const io::CaptureSender* capture() const { return capture_.get(); }
  [[nodiscard]] KnownPeersFile& known_peers() { return overlay_.known_peers(); }

  [[nodiscard]] const ServiceAddresses& addresses() const { return addresses_; }
  [[nodiscard]] const security::OperatorKey& operator_key() const {
    return overlay_.operator_key();
  }
  /// Of this turn.
  [[nodiscard]] WallTime wall_time() { return scheduler().begin_input().wall; }
  /// "host:port" for RELOAD.
  [[nodiscard]] std::string reload_address() const { return overlay_.address(); }
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
  [[nodiscard]] sip::SipOptions sip_options(const PeerSettings& settings);
  void build_sip(const PeerSettings& settings);
  void use(SipTlsContexts contexts);
  [[nodiscard]] Result<NodeId> identify(const std::vector<Bytes>& chain);

  io::EventLoop& loop_;
  NoticeSink log_;
  ServiceAddresses addresses_;
  OverlayPeer overlay_;
  std::unique_ptr<StoredCounter> stored_counter_;
  std::vector<sip::TrunkOptions> trunks_;  ///< Without passwords.
  std::filesystem::path trunk_passwords_;
  TimerQueue sip_timers_;
  std::unique_ptr<usage::UserCredentials> credentials_;
  std::unique_ptr<usage::OverlayLocationService> locations_;
  std::unique_ptr<io::DnsResolver> dns_;
  std::unique_ptr<sip::SipCore> sip_;
  std::unique_ptr<io::CaptureSender> capture_;
  std::optional<PhoneCertificate> phone_certificate_;
  std::unique_ptr<io::SipDriver> sip_driver_;
  std::unique_ptr<io::LoadMeter> load_meter_;

  std::vector<std::string> sip_addresses_;
  std::string sip_peer_address_;
  bool sip_open_{false};
  std::vector<std::string> domains_;
};

}  // namespace carillon::app
