#pragma once

#include "app/decode/json.hpp"
#include "wire/data_model.hpp"
#include "wire/message_code.hpp"

namespace carillon::app {

/// A message_body, decoded.
struct DecodedBody {
  Json json{};
  Bytes reencoded{};  ///< What encoding the decoded value yields.
};

/// The structure that `code` says `body` is; hex if the RFC has none for it. Errors count offsets
/// from the body's start.
[[nodiscard]] Result<DecodedBody> decode_message_body(wire::MessageCode code, ByteView body,
                                                      const wire::DataModelOf& models);

}  // namespace carillon::app
