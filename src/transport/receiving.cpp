// What comes in for this node: verified, matched, checked (RFC 6940, 6.2.1, 6.3.2.1, 6.3.4).
#include <algorithm>
#include <string>
#include <utility>

#include "transport/message_transport.hpp"

namespace carillon::transport {

using wire::ErrorResponse;
using wire::ErrorResponseCode;
using wire::MessageCode;
using wire::TransactionId;

namespace {

/// No extension is understood yet, so a critical one never is (6.3.3).
bool has_unknown_critical_extension(const wire::MessageContents& contents) {
  return std::ranges::any_of(contents.extensions, &wire::MessageExtension::critical);
}

ErrorResponse error_response(ErrorResponseCode code, std::string_view info) {
  return {code, to_bytes(as_bytes(info))};
}

}  // namespace

void MessageTransport::handle_delivered(Now now, forwarding::Delivered message) {
  auto payload = wire::split_payload(message.payload);
  const TransactionId id = message.header.transaction_id;
  if (!payload) {
    ++counters_.malformed;
    return;
  }
  const MessageCode code = payload->contents.message_code;
  const bool is_response = wire::is_response(code);
  if (!is_response && !wire::is_request(code)) {
    ++counters_.malformed;
    return;
  }
  if (is_response && !transactions_.contains(id)) {
    ++counters_.unmatched;
    return;
  }
  auto verified = verify(now, id, std::move(*payload));
  if (!verified) {
    ++counters_.not_authentic;
    return;
  }
  if (!is_response) return handle_request(now, std::move(message), std::move(*verified));
  const auto round_trip = now.monotonic - transactions_.at(id).started;
  observe(MessageDirection::received, code, message.payload.size(), round_trip);
  if (code == MessageCode::error) return handle_error(id, std::move(*verified));
  handle_response(id, std::move(*verified));
}

std::optional<MessageTransport::Verified> MessageTransport::verify(Now now, TransactionId id,
                                                                   wire::Payload payload) {
  auto certificates = to_.authenticator.read_certificates(payload.security_block);
  if (!certificates) return std::nullopt;
  auto signer =
      to_.authenticator.verify_message(options_.overlay, id, payload.contents_octets,
                                       payload.security_block.signature, *certificates, now.wall);
  if (!signer) return std::nullopt;
  return Verified{std::move(payload.contents), std::move(*signer), std::move(*certificates)};
}

// --- requests ---

void MessageTransport::handle_request(Now now, forwarding::Delivered message, Verified verified) {
  const MessageCode code = verified.contents.message_code;
  if (is_repeated(now, message, verified)) return;
  ++counters_.requests_received;
  observe(MessageDirection::received, code, message.payload.size());

  const ResponseToken token{++last_token_};
  wire::ForwardingHeader& header = message.header;
  ReceivedRequest received{verified.signer.node_id,
                           header.transaction_id,
                           code,
                           header.max_response_length,
                           message.return_path,
                           {},
                           {}};
  for (const wire::ForwardingOption& option : header.options) {
    if (option.has(wire::ForwardingFlag::response_copy)) {
      received.response_options.push_back(option.response_copy());
    }
  }
  cache_for(code).add(now, token, std::move(received));
  if (const auto error = objection(header, verified)) return respond_error(now, token, *error);

  IncomingRequest request{std::move(verified.contents),
                          std::move(verified.signer),
                          std::move(verified.certificates),
                          std::move(header.destination_list.front()),
                          header.transaction_id,
                          message.previous_hop,
                          header.ttl};
  upcalls_.emplace_back(Request{std::move(request), token});
}

bool MessageTransport::is_repeated(Now now, const forwarding::Delivered& message,
                                   const Verified& verified) {
  const MessageCode code = verified.contents.message_code;
  ReceivedRequest* known =
      cache_for(code).find(verified.signer.node_id, message.header.transaction_id);
  if (known == nullptr) return false;
  known->return_path = message.return_path;
  if (!known->is_answered) {
    ++counters_.repeated_swallowed;
  } else {
    ++counters_.repeated_answered;
    answer_again(now, *known);
  }
  return true;
}

/// Why a request that is authentic is not for the layers above.
std::optional<ErrorResponse> MessageTransport::objection(const wire::ForwardingHeader& header,
                                                         const Verified& verified) {
  const auto is_critical = [](const wire::ForwardingOption& option) {
    return option.has(wire::ForwardingFlag::destination_critical);
  };
  if (std::ranges::any_of(header.options, is_critical)) {
    return error_response(ErrorResponseCode::unsupported_forwarding_option,
                          "a forwarding option is not understood here");
  }
  if (auto error = check_configuration(header, verified)) return error;
  if (wire::to_string(verified.contents.message_code).empty()) {
    return error_response(ErrorResponseCode::invalid_message, "the message code is not assigned");
  }
  if (has_unknown_critical_extension(verified.contents)) {
    return error_response(ErrorResponseCode::unknown_extension,
                          "a critical extension is not understood here");
  }
  return std::nullopt;
}

std::optional<ErrorResponse> MessageTransport::check_configuration(
    const wire::ForwardingHeader& header, const Verified& verified) {
  const config::ConfigSequence theirs{header.configuration_sequence};
  const bool is_any = theirs == config::ConfigSequence::config_update;
  if (is_any && verified.contents.message_code == MessageCode::config_update_req) return {};
  if (theirs == options_.configuration_sequence) return {};
  const bool is_older = is_any || config::is_older(theirs, options_.configuration_sequence);
  upcalls_.emplace_back(ConfigMismatch{verified.signer.node_id, is_older});
  const std::string ours =
      std::to_string(static_cast<std::uint16_t>(options_.configuration_sequence));
  return error_response(
      is_older ? ErrorResponseCode::config_too_old : ErrorResponseCode::config_too_new,
      "the configuration here has the sequence number " + ours);
}

// --- responses ---

void MessageTransport::handle_response(TransactionId id, Verified verified) {
  const Transaction& transaction = transactions_.at(id);
  if (verified.contents.message_code != wire::answer_to(transaction.code)) {
    ++counters_.unmatched;
    return;
  }
  if (!is_right_responder(transaction, verified.signer.node_id)) {
    ++counters_.wrong_responder;
    return;
  }
  ++counters_.responses_accepted;
  if (has_unknown_critical_extension(verified.contents)) {
    return finish(
        id, std::unexpected(RequestFailure{{ErrorCode::unknown_extension, "Response.extensions",
                                            "a critical extension is not understood here"},
                                           {},
                                           std::move(verified.signer)}));
  }
  finish(id, Response{std::move(verified.contents), std::move(verified.signer),
                      std::move(verified.certificates)});
}

/// An error from the node that was asked ends the request. One from a node on the way can't pass
/// the checks and could come from anyone, so it is only remembered, for when nothing better comes.
void MessageTransport::handle_error(TransactionId id, Verified verified) {
  Transaction& transaction = transactions_.at(id);
  auto response = wire::decode_whole<ErrorResponse>(verified.contents.message_body);
  if (!response) {
    ++counters_.malformed;
    return;
  }
  Error error = response->to_error(wire::to_string(transaction.code));
  if (!is_right_responder(transaction, verified.signer.node_id)) {
    ++counters_.advisory_errors;
    transaction.advice = std::move(error);
    return;
  }
  ++counters_.responses_accepted;
  if (response->error_code == ErrorResponseCode::config_too_old ||
      response->error_code == ErrorResponseCode::config_too_new) {
    // "Too new" is what our configuration is to them.
    const bool theirs_is_older = response->error_code == ErrorResponseCode::config_too_new;
    upcalls_.emplace_back(ConfigMismatch{verified.signer.node_id, theirs_is_older});
  }
  finish(id, std::unexpected(RequestFailure{std::move(error), std::move(*response),
                                            std::move(verified.signer)}));
}

/// The two checks of 6.3.4.
bool MessageTransport::is_right_responder(const Transaction& transaction,
                                          const NodeId& signer) const {
  if (transaction.responder == ResponderCheck::anybody) return true;
  const wire::Destination& target = transaction.destinations.back();
  if (const auto* node = target.node_id()) return node->is_wildcard() || *node == signer;
  if (const auto* resource = target.resource_id()) {
    return to_.oracle.is_plausible_responder(*resource, signer);
  }
  return true;  // An opaque id means nothing to us.
}

}  // namespace carillon::transport
