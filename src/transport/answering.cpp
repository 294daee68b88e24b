// Answers of this node: signed, remembered, sent back (RFC 6940, 6.2.2, 6.3.3.1).
#include <utility>

#include "transport/message_transport.hpp"

namespace carillon::transport {

using wire::ErrorResponse;
using wire::ErrorResponseCode;
using wire::MessageCode;

void MessageTransport::respond(Now now, ResponseToken token, Bytes body,
                               security::CertificateBucket certificates) {
  const ReceivedRequest* request = find_request(token);
  const MessageCode code = request == nullptr ? MessageCode{} : wire::answer_to(request->code);
  answer(now, token, {code, std::move(body), {}}, std::move(certificates));
}

void MessageTransport::respond_error(Now now, ResponseToken token, const ErrorResponse& error) {
  answer(now, token, wire::make_contents(error), {});
}

void MessageTransport::answer(Now now, ResponseToken token, wire::MessageContents contents,
                              security::CertificateBucket certificates) {
  ReceivedRequest* request = find_request(token);
  if (request == nullptr || request->is_answered) {
    ++counters_.late_answers;
    return;
  }
  auto payload = sign(to_.credential, request->transaction_id, contents, std::move(certificates));
  if (payload && contents.message_code != MessageCode::error &&
      is_too_large(*request, payload->size())) {
    const ErrorResponse error{ErrorResponseCode::response_too_large, {}};
    contents = wire::make_contents(error);
    payload = sign(to_.credential, request->transaction_id, contents, {});
  }
  if (!payload) {  // The key can't be used just now: a repetition of the request may fare better.
    ++counters_.not_signed;
    return cache_for(request->code).forget(token);
  }
  contents.message_code == MessageCode::error ? ++counters_.errors_sent : ++counters_.answers_sent;
  send_answer(now, *request, contents.message_code, *payload);
  if (contents.message_body.empty()) payload->clear();
  cache_for(request->code).set_answer(*request, std::move(*payload));
}

void MessageTransport::answer_again(Now now, const ReceivedRequest& request) {
  const MessageCode code = wire::answer_to(request.code);
  if (!request.answer.empty()) return send_answer(now, request, code, request.answer);
  auto payload = sign(to_.credential, request.transaction_id, {code, {}, {}}, {});
  if (!payload) {
    ++counters_.not_signed;
    return;
  }
  send_answer(now, request, code, *payload);
}

/// For the requesting node (6.3.2, max_response_length), or for the overlay.
bool MessageTransport::is_too_large(const ReceivedRequest& request, std::size_t payload) const {
  wire::ForwardingHeader header;
  header.destination_list = request.return_path;
  header.options = request.response_options;
  const std::size_t size = wire::encode(header).size() + payload;
  const bool exceeds_request =
      request.max_response_length != 0 && size > request.max_response_length;
  return exceeds_request || size > to_.forwarding.options().link.max_message_size;
}

/// A failure to send is not reported: the request will be repeated, and answered from the cache.
void MessageTransport::send_answer(Now now, const ReceivedRequest& request, MessageCode code,
                                   ByteView payload) {
  wire::ForwardingHeader header;
  header.destination_list = request.return_path;
  header.options = request.response_options;
  header.transaction_id = request.transaction_id;
  header.configuration_sequence = static_cast<std::uint16_t>(options_.configuration_sequence);
  if (!to_.forwarding.send(now, std::move(header), payload)) ++counters_.answers_unsent;
  observe(MessageDirection::sent, code, payload.size());
}

/// On behalf of Forwarding, which does not sign.
void MessageTransport::handle_rejected(Now now, const forwarding::Rejected& rejected) {
  if (!may_reject(now)) {
    ++counters_.rejections_limited;
    return;
  }
  const ErrorResponse error{rejected.error, to_bytes(as_bytes(rejected.detail))};
  const wire::ForwardingHeader& header = rejected.header;
  auto payload = sign(to_.credential, header.transaction_id, wire::make_contents(error), {});
  if (!payload) {
    ++counters_.not_signed;
    return;
  }
  ReceivedRequest request;
  request.transaction_id = header.transaction_id;
  request.return_path = rejected.return_path;
  for (const wire::ForwardingOption& option : header.options) {
    if (option.has(wire::ForwardingFlag::response_copy)) {
      request.response_options.push_back(option.response_copy());
    }
  }
  ++counters_.errors_sent;
  send_answer(now, request, MessageCode::error, *payload);
}

bool MessageTransport::may_reject(Now now) {
  if (rejections_ == 0 || now.monotonic - rejections_since_ >= seconds{1}) {
    rejections_since_ = now.monotonic;
    rejections_ = 0;
  }
  if (rejections_ >= options_.max_rejections_per_second) return false;
  ++rejections_;
  return true;
}

AnswerCache& MessageTransport::cache_for(MessageCode code) {
  switch (code) {
    case MessageCode::ping_req:
    case MessageCode::probe_req:
    case MessageCode::fetch_req:
    case MessageCode::stat_req:
    case MessageCode::find_req:
    case MessageCode::route_query_req:
      return read_answers_;
    default:
      return answers_;
  }
}

ReceivedRequest* MessageTransport::find_request(ResponseToken token) {
  ReceivedRequest* request = answers_.find(token);
  return request != nullptr ? request : read_answers_.find(token);
}

}  // namespace carillon::transport
