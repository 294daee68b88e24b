#include "app/service_addresses.hpp"

#include "app/failure.hpp"
#include "io/socket_address.hpp"

namespace carillon::app {
namespace {

ListenAddress listen_address(const std::string& text, const char* flag) {
  const auto at = must(io::parse_host_and_port(text), flag);
  return {must(io::resolve(at.host), flag).front(), at.port};
}

SipListener sip_listener(const std::string& text) {
  // The command line has been checked: it is "udp:" or "tcp:" and an address.
  return {text.starts_with("udp:") ? sip::Transport::udp : sip::Transport::tcp,
          listen_address(text.substr(4), "--sip")};
}

}  // namespace

ServiceAddresses read_addresses(const PeerSettings& settings) {
  ServiceAddresses addresses;
  addresses.reload = listen_address(settings.listen, "--listen");
  for (const auto& text : settings.sip)
    addresses.sip.push_back(sip_listener(text));
  if (!settings.sip_peer.empty()) {
    addresses.sip.push_back(
        {sip::Transport::tls_peer, listen_address(settings.sip_peer, "--sip-peer")});
  }
  for (const auto& text : settings.bootstrap) {
    const auto at = must(io::parse_host_and_port(text), "--bootstrap");
    addresses.bootstrap.push_back({at.host, at.port});
  }
  if (!settings.http.empty()) addresses.http = listen_address(settings.http, "--http");
  return addresses;
}

}  // namespace carillon::app
