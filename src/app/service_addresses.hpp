#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "app/peer_settings.hpp"
#include "link/address_port.hpp"
#include "sip/address.hpp"

namespace carillon::app {

/// Where to listen.
struct ListenAddress {
  boost::asio::ip::address address{};
  std::uint16_t port{};
};

/// How phones may come, as `--sip` names it: "udp", "tcp", "tls", "ws", "wss"; nothing
/// for others.
[[nodiscard]] std::optional<sip::Transport> phone_transport(std::string_view name);
[[nodiscard]] std::string_view phone_transport_name(sip::Transport transport);

/// A SIP socket to open.
struct SipListener {
  sip::Transport transport{};
  ListenAddress at{};
};

/// The addresses among the settings, read and resolved. Throws Failure that names the flag.
struct ServiceAddresses {
  ListenAddress reload{};
  std::vector<SipListener> sip{};  ///< Phones first, then the one for peers, if any.
  std::vector<link::AddressPort> bootstrap{};
  std::optional<ListenAddress> http{};
  std::optional<ListenAddress> capture{};  ///< Where to send.
};
[[nodiscard]] ServiceAddresses read_addresses(const PeerSettings& settings);

}  // namespace carillon::app
