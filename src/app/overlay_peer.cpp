#include "app/overlay_peer.hpp"

#include "app/failure.hpp"
#include "io/clocks.hpp"
#include "io/socket_address.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::app {
namespace {

io::DirectoryLock lock_directory(const std::filesystem::path& directory) {
  must(io::make_directory(directory), "--data");
  return must(io::DirectoryLock::take(directory), "--data");
}

}  // namespace

OverlayPeer::OverlayPeer(io::EventLoop& loop, OverlayPeerSettings settings, NoticeSink log)
    : loop_(loop),
      settings_(std::move(settings)),
      log_(std::move(log)),
      lock_(lock_directory(settings_.data)),
      known_peers_(settings_.data / "known-peers", log_),
      scheduler_(loop) {
  auto files = load_peer(settings_.directory);
  certificate_ = files.identity.node().certificate;
  operator_key_ = files.operator_key;
  tls_ = must(io::TlsContext::create(files.chain, files.key, settings_.keylog));
  backend_ = must(io::LmdbBackend::open(settings_.data / "storage"), "--data");
  listen();
  build_peer(std::move(files));
  driver_ = std::make_unique<io::PeerDriver>(loop_, scheduler_, *peer_, *tls_,
                                             io::PeerDriverLimits{}, log_);
}

void OverlayPeer::listen() {
  acceptor_ = must(
      io::Acceptor::listen(loop_, {settings_.listen.address, settings_.listen.port},
                           [this](io::Stream::Socket socket, const io::Stream::Endpoint& remote) {
                             driver_->accepted(std::move(socket), remote);
                           }),
      "--listen");
  const auto bound = acceptor_->local_endpoint();
  listen_ = {io::host_text(io::advertised_address(bound.address())), bound.port()};
}

void OverlayPeer::build_peer(PeerFiles files) {
  peer::PeerOptions options;
  options.listen = listen_;
  options.bootstrap = settings_.bootstrap;
  options.remembered = known_peers_.read();
  options.first = settings_.first;
  options.confirmations = settings_.confirmations;
  peer_ = std::make_unique<peer::Peer>(
      options, peer::Peer::Parts{.configuration = std::move(files.configuration),
                                 .identity = std::move(files.identity),
                                 .verifier = std::make_shared<security::OpensslVerifier>(),
                                 .backend = *backend_,
                                 .random = random_,
                                 .notices = log_});
  must(peer_->open(io::read_clocks()), settings_.directory.string());
}

void OverlayPeer::renew_certificates(const std::string& node, const std::string& registrar_ca) {
  const security::Identity::Pem pem{
      .node_certificates = node,
      .node_key = must(io::read_file(settings_.directory / "node.key")),
      .registrar_certificate = registrar_ca,
      .registrar_key = must(io::read_file(settings_.directory / "registrar-ca.key"))};
  auto identity = must(security::Identity::from_pem(pem, random_), "the new certificates");
  const auto certificate = identity.node().certificate;
  auto tls = must(io::TlsContext::create(
      {certificate->der()}, must(security::KeyPair::from_pem(pem.node_key)), settings_.keylog));
  must(peer_->renew(std::move(identity)), "the new certificates");
  certificate_ = certificate;
  tls_ = std::move(tls);
  driver_->set_tls(*tls_);
}

}  // namespace carillon::app
