#pragma once

#include "storage/storage_types.hpp"
#include "wire/error_response.hpp"

namespace carillon::peer {

/// What the other side is told of a request that Storage has refused (RFC 6940, 6.3.3.1): the
/// error_info that the RFC wants, where it wants one, else the error in words.
[[nodiscard]] inline wire::ErrorResponse to_wire(const storage::Rejection& rejection) {
  wire::ErrorResponse response = wire::ErrorResponse::from(rejection.error);
  if (!rejection.error_info.empty()) response.error_info = rejection.error_info;
  return response;
}

}  // namespace carillon::peer
