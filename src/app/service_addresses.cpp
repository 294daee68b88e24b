#include "app/service_addresses.hpp"

#include <algorithm>
#include <array>

#include "app/failure.hpp"
#include "io/socket_address.hpp"

namespace carillon::app {
namespace {

ListenAddress listen_address(const std::string& text, const char* flag) {
  const auto at = must(io::parse_host_and_port(text), flag);
  return {must(io::resolve(at.host), flag).front(), at.port};
}

struct PhoneTransport {
  sip::Transport transport;
  std::string_view name;
};
constexpr std::array phone_transports{
    PhoneTransport{sip::Transport::udp, "udp"}, PhoneTransport{sip::Transport::tcp, "tcp"},
    PhoneTransport{sip::Transport::tls, "tls"}, PhoneTransport{sip::Transport::ws, "ws"},
    PhoneTransport{sip::Transport::wss, "wss"},
};

SipListener sip_listener(const std::string& text) {
  // The command line has been checked: a transport and an address.
  const auto colon = text.find(':');
  return {phone_transport(text.substr(0, colon)).value(),
          listen_address(text.substr(colon + 1), "--sip")};
}

}  // namespace

std::optional<sip::Transport> phone_transport(std::string_view name) {
  const auto* found = std::ranges::find(phone_transports, name, &PhoneTransport::name);
  return found == phone_transports.end() ? std::nullopt : std::optional{found->transport};
}

std::string_view phone_transport_name(sip::Transport transport) {
  const auto* found = std::ranges::find(phone_transports, transport, &PhoneTransport::transport);
  return found == phone_transports.end() ? std::string_view{} : found->name;
}

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
  if (!settings.capture.empty()) {
    addresses.capture =
        listen_address(settings.capture.substr(settings.capture.find(':') + 1), "--capture");
  }
  if (!settings.http.empty()) addresses.http = listen_address(settings.http, "--http");
  return addresses;
}

}  // namespace carillon::app
