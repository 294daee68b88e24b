#include "io/capture_sender.hpp"

#include <utility>

#include <sys/socket.h>

#include "io/socket_address.hpp"

namespace carillon::io {
namespace {

/// A burst of a second at full load shall fit; the kernel may grant less.
constexpr int capture_buffer_octets = 4 << 20;

}  // namespace

CaptureSender::CaptureSender(EventLoop& loop, const Endpoint& collector, sip::CaptureAgent agent)
    : socket_(loop.context()), collector_(collector), agent_(std::move(agent)) {}

Result<std::unique_ptr<CaptureSender>> CaptureSender::create(EventLoop& loop,
                                                             const Endpoint& collector,
                                                             sip::CaptureAgent agent) {
  auto made = std::make_unique<CaptureSender>(loop, collector, std::move(agent));
  boost::system::error_code error;
  boost::system::error_code ignored;
  made->socket_.open(collector.protocol(), error);
  if (!error) made->socket_.non_blocking(true, error);
  if (error) {
    return fail(ErrorCode::io,
                "capture to " + to_text(host_text(collector.address()), collector.port()),
                error.message());
  }
  made->socket_.set_option(boost::asio::socket_base::send_buffer_size{capture_buffer_octets},
                           ignored);
  return made;
}

/// The socket is not connected, so that ICMP's news of a collector that is gone reaches nobody.
void CaptureSender::send(const sip::CaptureMessage& captured) {
  const auto packet = sip::encode_hep(captured, agent_);
  const auto sent = ::sendto(socket_.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT,
                             collector_.data(), static_cast<socklen_t>(collector_.size()));
  ++(sent >= 0 ? sent_ : dropped_);
}

}  // namespace carillon::io
