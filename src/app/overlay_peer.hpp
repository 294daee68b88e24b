#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/known_peers_file.hpp"
#include "app/overlay_files.hpp"
#include "app/service_addresses.hpp"
#include "io/acceptor.hpp"
#include "io/lmdb_backend.hpp"
#include "io/peer_driver.hpp"
#include "io/secure_random.hpp"
#include "peer/peer.hpp"

namespace carillon::app {

/// What a peer of the overlay needs, whatever it is there for.
struct OverlayPeerSettings {
  std::filesystem::path directory{};  ///< What 'overlay enroll' wrote.
  std::filesystem::path data{};       ///< Ours to write to.
  ListenAddress listen{};             ///< For RELOAD; port 0: any.
  std::vector<link::AddressPort> bootstrap{};
  bool first{false};  ///< Start a new ring if nobody answers.
  unsigned confirmations{1};
  std::filesystem::path keylog{};  ///< TLS secrets, for debugging; empty: none.
};

/// A peer of the overlay, with its sockets and its disk. Members stand in the order in which they
/// are built; each refers only to earlier ones.
class OverlayPeer {
 public:
  /// Takes the data directory and the RELOAD port. Throws Failure.
  OverlayPeer(io::EventLoop& loop, OverlayPeerSettings settings, NoticeSink log);
  OverlayPeer(const OverlayPeer&) = delete;
  OverlayPeer& operator=(const OverlayPeer&) = delete;

  /// To be called after scheduler().begin_input().
  [[nodiscard]] peer::Peer& peer() { return *peer_; }
  [[nodiscard]] const peer::Peer& peer() const { return *peer_; }
  [[nodiscard]] io::CoreScheduler& scheduler() { return scheduler_; }
  [[nodiscard]] io::PeerDriver& driver() { return *driver_; }
  [[nodiscard]] io::LmdbBackend& backend() { return *backend_; }
  [[nodiscard]] KnownPeersFile& known_peers() { return known_peers_; }
  [[nodiscard]] io::SecureRandom& random() { return random_; }
  [[nodiscard]] const security::OperatorKey& operator_key() const { return operator_key_; }
  /// "host:port" for RELOAD.
  [[nodiscard]] std::string address() const { return listen_.to_string(); }

  /// As it is now: its certificate, and what it shows over TLS.
  [[nodiscard]] const security::Certificate& certificate() const { return *certificate_; }
  [[nodiscard]] const io::TlsContext& tls() const { return *tls_; }
  /// New certificates (PEM) over the same keys, from now on. Throws Failure if they are not good
  /// for us.
  void renew_certificates(const std::string& node, const std::string& registrar_ca);

 private:
  void listen();
  void build_peer(PeerFiles files);

  io::EventLoop& loop_;
  OverlayPeerSettings settings_;
  NoticeSink log_;
  io::SecureRandom random_;
  io::DirectoryLock lock_;
  KnownPeersFile known_peers_;
  std::unique_ptr<io::LmdbBackend> backend_;
  std::unique_ptr<io::Acceptor> acceptor_;
  io::CoreScheduler scheduler_;
  std::unique_ptr<peer::Peer> peer_;
  std::unique_ptr<io::PeerDriver> driver_;
  security::CertificatePtr certificate_;
  security::OperatorKey operator_key_;
  std::optional<io::TlsContext> tls_;
  link::AddressPort listen_;
};

}  // namespace carillon::app
