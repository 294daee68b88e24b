#include "sim/hostility.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "forwarding/peek.hpp"
#include "link/frame.hpp"
#include "wire/message.hpp"

namespace carillon::sim {
namespace {

constexpr double trick_share = 0.2;  ///< Of the chances that each trick has.
constexpr std::size_t max_remembered = 64;

bool is_message(ByteView frame) {
  return frame.size() > link::frame_headroom &&
         frame[0] == static_cast<std::uint8_t>(wire::FramedMessageType::data);
}

std::optional<wire::SplitMessage> split(ByteView frame) {
  if (!is_message(frame)) return std::nullopt;
  auto message = wire::split_message(frame.subspan(link::frame_headroom));
  if (!message) return std::nullopt;
  return *std::move(message);
}

std::uint32_t sequence_of(ByteView frame) {
  std::uint32_t sequence = 0;
  for (std::size_t i = 1; i <= 4; ++i)
    sequence = (sequence << 8U) | frame[i];
  return sequence;
}

/// Writes the mark over the value of a user in a message, if there is one; its signature is none
/// then.
bool forge(Bytes& frame) {
  constexpr std::string_view start = "user";
  constexpr std::string_view end = "#";
  const std::string_view text = as_text(frame);
  const auto mark = text.rfind(end);
  if (mark == std::string_view::npos) return false;
  const auto name = text.rfind(start, mark);
  if (name == std::string_view::npos || mark - name < forged_mark.size()) return false;
  std::ranges::copy(forged_mark, frame.begin() + static_cast<std::ptrdiff_t>(name));
  return true;
}

}  // namespace

std::vector<Hostility::Sent> Hostility::send(Sent frame, const std::vector<link::LinkId>& links) {
  const auto message = split(frame.octets);
  if (!message) {
    std::vector<Sent> as_it_is;
    as_it_is.push_back(std::move(frame));
    return as_it_is;
  }
  const bool is_others = !message->header.via_list.empty();
  if (is_others && happens(random_, trick_share)) return {};
  if (is_others && happens(random_, trick_share)) frame.link = links[random_.below(links.size())];
  if (happens(random_, trick_share)) (void)forge(frame.octets);
  std::vector<Sent> sent;
  if (remembered_.size() < max_remembered) {
    remembered_.push_back(frame.octets);
  } else {
    remembered_[random_.below(max_remembered)] = frame.octets;
  }
  if (happens(random_, trick_share)) {
    sent.push_back(
        {links[random_.below(links.size())], remembered_[random_.below(remembered_.size())]});
  }
  sent.push_back(std::move(frame));
  return sent;
}

Bytes Hostility::receive(Bytes frame, const NodeId& self) {
  auto message = split(frame);
  if (!message || message->header.destination_list.size() != 1) return frame;
  const auto code = forwarding::peek(message->header, message->payload).code;
  const bool is_wanted =
      code == wire::MessageCode::fetch_req || code == wire::MessageCode::store_req;
  const bool is_for_a_resource = message->header.destination_list.front().resource_id() != nullptr;
  if (!is_wanted || !is_for_a_resource || !happens(random_, trick_share)) return frame;
  message->header.destination_list = {self};
  const auto changed = wire::join_message(message->header, message->payload);
  if (!changed) return frame;
  Bytes framed = link::with_frame_headroom(*changed);
  link::write_data_frame_header(framed, sequence_of(frame));
  return framed;
}

}  // namespace carillon::sim
