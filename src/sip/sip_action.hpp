#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "sip/address.hpp"

namespace carillon::sip {

// What the driver of a SipCore has to do.

/// Send one datagram from the socket `local`.
struct SendDatagram {
  LocalTransportId local{};
  HostPort remote{};
  std::string octets{};
};
/// Send on an open flow, in the order given.
struct SendOnFlow {
  FlowId flow{};
  std::string octets{};
};
/// Connect; then handle_flow_opened or handle_flow_closed. A `tls_peer` must show a certificate
/// of the overlay for the Node-ID `expected_peer`.
struct OpenFlow {
  FlowId flow{};
  Transport transport{};
  HostPort address{};
  std::string expected_peer{};
  std::string server_name{};  ///< Under `tls`: whom its certificate must name.
};
/// Close after what was sent. The core has forgotten the flow; no handle_flow_closed follows.
struct CloseFlow {
  FlowId flow{};
};
/// With SipOptions::capture: one SIP message that came in or goes out, for who looks on.
struct CaptureMessage {
  Transport transport{};
  HostPort source{};
  HostPort destination{};
  /// Since the epoch; of two messages, the later has the greater.
  std::chrono::microseconds time{};
  std::string octets{};
};
using SipAction = std::variant<SendDatagram, SendOnFlow, OpenFlow, CloseFlow, CaptureMessage>;

}  // namespace carillon::sip
