#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/ip/udp.hpp>

#include <carillon/error.hpp>

#include "io/event_loop.hpp"
#include "sip/hep.hpp"

namespace carillon::io {

/// Tells a Homer collector, by HEPv3 over UDP, of every SIP message. It never waits: what the
/// system does not take at once is dropped, and a collector that is gone costs as much as one that
/// is there.
class CaptureSender {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;

  /// `io` if there is no socket to be had.
  [[nodiscard]] static Result<std::unique_ptr<CaptureSender>> create(EventLoop& loop,
                                                                     const Endpoint& collector,
                                                                     sip::CaptureAgent agent);
  CaptureSender(EventLoop& loop, const Endpoint& collector, sip::CaptureAgent agent);

  void send(const sip::CaptureMessage& captured);
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  boost::asio::ip::udp::socket socket_;
  Endpoint collector_;
  sip::CaptureAgent agent_;
  std::uint64_t sent_{0};
  std::uint64_t dropped_{0};
};

}  // namespace carillon::io
