#pragma once

#include <string>

#include "sip/address.hpp"
#include "sip/sip_message.hpp"
#include "sip/uri.hpp"
#include "sip/via.hpp"

namespace carillon::sip {

/// Where a message goes: a datagram from a socket of ours, or a flow.
struct Hop {
  Transport transport{Transport::udp};
  LocalTransportId local{};
  HostPort remote{};
  FlowId flow{};  ///< Of a reliable transport, once there is one.

  friend bool operator==(const Hop&, const Hop&) = default;
};

/// Where a message came from.
struct Source {
  Hop hop{};              ///< The way straight back.
  std::string peer_id{};  ///< Of the other peer, if it came over an authenticated connection.

  [[nodiscard]] bool is_peer() const { return !peer_id.empty(); }
};

/// A request that passed the checks, and what was already taken apart.
struct IncomingRequest {
  SipMessage message{};
  Source source{};
  Via via{};  ///< The topmost, with received and rport filled in.
  std::uint32_t cseq{};
  Uri uri{};  ///< The Request-URI as it came, before our Routes are taken off.
  Uri from{};
  Uri to{};
  std::string caller{};  ///< The AOR of ours that it has been proved to be from; or empty.
  Hop reply_to{};        ///< RFC 3261, 18.2.2 and RFC 3581, 4.
};

}  // namespace carillon::sip
