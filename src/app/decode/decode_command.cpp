#include "app/decode/decode_command.hpp"

#include <istream>
#include <iterator>
#include <ostream>

#include "app/decode/body_json.hpp"
#include "app/decode/message_json.hpp"
#include "base/hex.hpp"

namespace carillon::app {
namespace {

struct Decoded {
  Json json{};
  Bytes reencoded{};
};

/// Lets the error's offset count from `base` octets earlier.
Error moved(Error error, std::size_t base) {
  if (error.offset != Error::no_offset) error.offset += base;
  return error;
}

Result<Decoded> decode_fragment(const wire::SplitMessage& split) {
  auto reencoded = wire::join_message(split.header, split.payload);
  if (!reencoded) return std::unexpected(reencoded.error());
  return Decoded{{{"forwarding_header", to_json(split.header)}, {"fragment", hex(split.payload)}},
                 *std::move(reencoded)};
}

Result<Decoded> decode_message(ByteView octets) {
  const auto split = wire::split_message(octets);
  if (!split) return std::unexpected(split.error());
  if (!split->header.fragment.is_whole()) return decode_fragment(*split);

  const std::size_t payload_at = octets.size() - split->payload.size();
  auto payload = wire::split_payload(split->payload);
  if (!payload) return std::unexpected(moved(payload.error(), payload_at));

  constexpr std::size_t before_body = 6;  // message_code and the body's length
  auto body = decode_message_body(payload->contents.message_code, payload->contents.message_body,
                                  wire::well_known_data_model);
  if (!body) return std::unexpected(moved(body.error(), payload_at + before_body));

  wire::Message message{split->header, payload->contents, payload->security_block};
  message.contents.message_body = std::move(body->reencoded);
  return Decoded{{{"forwarding_header", to_json(split->header)},
                  {"message_contents", to_json(payload->contents, std::move(body->json))},
                  {"security_block", to_json(payload->security_block)}},
                 wire::encode(message)};
}

Result<Decoded> decode_framed(ByteView octets) {
  auto framed = wire::decode_whole<wire::FramedMessage>(octets);
  if (!framed) return std::unexpected(framed.error());
  Json json = to_json(*framed);
  auto* data = std::get_if<wire::DataFrame>(&framed->frame);
  if (data == nullptr) return Decoded{std::move(json), wire::encode(*framed)};

  auto message = decode_message(data->message);
  if (!message) {
    return std::unexpected(moved(message.error(), wire::FramedMessage::data_header_size));
  }
  json["message"] = std::move(message->json);
  data->message = message->reencoded;
  return Decoded{std::move(json), wire::encode(*framed)};
}

Result<Decoded> decode_hex(const DecodeOptions& options, std::istream& in) {
  const std::string digits =
      options.hex == "-" ? std::string{std::istreambuf_iterator<char>{in}, {}} : options.hex;
  const auto octets = from_hex(digits);
  if (!octets) return std::unexpected(octets.error());
  return options.framed ? decode_framed(*octets) : decode_message(*octets);
}

}  // namespace

int run_decode(const DecodeOptions& options, std::istream& in, std::ostream& out,
               std::ostream& err) {
  const auto decoded = decode_hex(options, in);
  if (!decoded) {
    err << "carillon decode: " << decoded.error().message() << '\n';
    return 1;
  }
  if (options.reencode) {
    out << to_hex(decoded->reencoded) << '\n';
  } else {
    out << decoded->json.dump(2) << '\n';
  }
  return 0;
}

}  // namespace carillon::app
