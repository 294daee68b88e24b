#pragma once

#include <expected>
#include <functional>
#include <optional>

#include "base/time.hpp"
#include "security/authenticator.hpp"
#include "wire/error_response.hpp"
#include "wire/message_contents.hpp"

namespace carillon::transport {

/// A successful answer; signature, certificate and answering node are checked (6.3.4).
struct Response {
  wire::MessageContents contents{};
  security::SignerInfo signer{};
  /// What came with it, to verify the values in it.
  security::CertificateBucket certificates{};
};

struct RequestFailure {
  /// `request_timeout`: no answer (it may have been carried out nevertheless); `unreachable`: no
  /// way there, with OnLinkDown::fail; `busy`, `too_large`, `io`: it was not sent; else what the
  /// answering node said, see `response`.
  Error error{};
  /// The error that was answered, e.g. for the StoreAns in the error_info of
  /// Error_Generation_Counter_Too_Low.
  std::optional<wire::ErrorResponse> response{};
  std::optional<security::SignerInfo> signer{};  ///< Who answered it.
};

/// Runs exactly once, from MessageTransport::pump and from nowhere else.
using ResponseHandler = std::move_only_function<void(Now, std::expected<Response, RequestFailure>)>;

}  // namespace carillon::transport
