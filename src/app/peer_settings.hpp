#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/enrolling.hpp"

namespace carillon::app {

/// What `carillon peer` is told, by flags, environment or file.
struct PeerSettings {
  std::filesystem::path directory{};               ///< What 'overlay enroll' wrote.
  std::filesystem::path data{};                    ///< Ours to write to.
  std::string listen{};                            ///< HOST:PORT for RELOAD.
  std::vector<std::string> bootstrap{};            ///< HOST:PORT each.
  EnrollingSettings enrolling{};                   ///< URL empty: the directory is there already.
  bool first{false};                               ///< Start a new ring if nobody answers.
  std::vector<std::string> sip{};                  ///< udp:HOST:PORT, tcp:, tls:, ws: or wss: each.
  std::filesystem::path sip_tls_authorities{};     ///< Of servers outside; empty: the system's.
  std::vector<std::string> sip_foreign_domains{};  ///< That our users may call.
  std::vector<std::string> sip_trunks{};           ///< SIP URIs of next hops.
  std::vector<std::string> sip_trunk_for{"numbers"};
  std::vector<std::string> dns_servers{};       ///< Empty: the system's.
  std::vector<std::string> sip_names{};         ///< What phones call this peer.
  std::string record_route{};                   ///< A name of all peers; empty: our address.
  std::vector<std::string> sip_ws_origins{};    ///< Of browsers; empty: any.
  std::filesystem::path sip_tls_certificate{};  ///< What phones see; empty: no TLS for them.
  std::filesystem::path sip_tls_key{};
  bool sip_tls_reuse{false};  ///< RFC 5923, for servers that connect to us.
  /// Offered to phones, in this order.
  std::vector<std::string> digest{"MD5", "SHA-256"};
  std::vector<std::string> trust{};     ///< Addresses or networks of SIP servers before us.
  std::string redirect{"nobody"};       ///< Who gets a 302.
  std::vector<std::string> any_from{};  ///< Users who may call in anybody's name.
  unsigned source_rate{2000};           ///< SIP messages a second from one address; 0: any.
  unsigned source_failures{30};         ///< Wrong passwords from one address.
  unsigned ban_seconds{300};
  unsigned source_connections{10'000};
  unsigned user_rate{50};
  unsigned contacts{10};  ///< Of one user.
  bool serial_forking{false};
  bool service_route{false};        ///< RFC 3608
  std::string sip_peer{};           ///< HOST:PORT for SIP between peers; empty: none.
  std::filesystem::path control{};  ///< The operator's socket; empty: none.
  std::string http{};               ///< HOST:PORT for /metrics and so on; empty: none.
  std::string capture{};            ///< udp:HOST:PORT of a Homer collector; empty: none.
  unsigned capture_id{2001};
  std::string capture_password{};
  std::filesystem::path heat{};    ///< What OpenStack Heat gave this server; empty: none.
  std::filesystem::path keylog{};  ///< TLS secrets, for debugging; empty: none.
  std::string log_level{"info"};
  unsigned confirmations{1};
};

/// The one definition of all of them: flag, environment variable, TOML key and help.
void define_peer_settings(CLI::App& command, PeerSettings& settings);

}  // namespace carillon::app
