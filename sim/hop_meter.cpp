#include "sim/hop_meter.hpp"

#include <algorithm>

#include "base/reader.hpp"
#include "forwarding/peek.hpp"
#include "wire/forwarding_header.hpp"
#include "wire/framed_message.hpp"

namespace carillon::sim {
namespace {

/// Requests that never had an answer; forgotten when there are so many.
constexpr std::size_t max_under_way = 100'000;
constexpr std::size_t transaction_offset = 20;
constexpr std::size_t via_list_length_offset = 32;

/// Lookups are for resources. Fetches that compare copies (peer/range_digest.hpp) go to a node.
bool is_for_a_resource(ByteView message) {
  Reader length{message.subspan(via_list_length_offset)};
  const std::size_t at = wire::ForwardingHeader::fixed_size + length.u16("via_list_length");
  return at < message.size() &&
         message[at] == static_cast<std::uint8_t>(wire::DestinationType::resource);
}

}  // namespace

void HopMeter::handle_arrival(ByteView frame) {
  constexpr std::size_t prefix = wire::FramedMessage::data_header_size;
  if (frame.size() < prefix + wire::ForwardingHeader::fixed_size) return;
  const ByteView message = frame.subspan(prefix);
  const std::size_t header = forwarding::peek_header_size(message);
  if (message.size() < header + forwarding::peek_size) return;
  Reader code_reader{message.subspan(header)};
  const auto code = static_cast<wire::MessageCode>(code_reader.u16("message_code"));
  if (code != wire::MessageCode::fetch_req && code != wire::MessageCode::fetch_ans) return;
  Reader id_reader{message.subspan(transaction_offset)};
  const std::uint64_t transaction = id_reader.u64("transaction_id");
  if (code == wire::MessageCode::fetch_req) {
    if (!is_for_a_resource(message)) return;
    if (under_way_.size() >= max_under_way) under_way_.clear();
    highest_ = std::max(highest_, ++under_way_[transaction]);
    return;
  }
  const auto request = under_way_.extract(transaction);
  if (!request.empty()) count(request.mapped());
}

void HopMeter::count(unsigned hops) {
  if (counts_.size() <= hops) counts_.resize(hops + 1);
  ++counts_[hops];
  ++total_;
}

double HopMeter::mean() const {
  double sum = 0;
  for (std::size_t hops = 0; hops < counts_.size(); ++hops)
    sum += static_cast<double>(hops * counts_[hops]);
  return total_ == 0 ? 0 : sum / static_cast<double>(total_);
}

unsigned HopMeter::percentile(double share) const {
  std::uint64_t seen = 0;
  for (std::size_t hops = 0; hops < counts_.size(); ++hops) {
    seen += counts_[hops];
    if (static_cast<double>(seen) >= share * static_cast<double>(total_)) {
      return static_cast<unsigned>(hops);
    }
  }
  return 0;
}

unsigned HopMeter::highest() const {
  return highest_;
}

void HopMeter::reset() {
  *this = {};
}

}  // namespace carillon::sim
