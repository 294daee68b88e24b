#include "wire/update.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {

// "The contents of the UpdateReq message are completely overlay specific. The UpdateAns response is
// expected to be either success or an error."
UpdateReq UpdateReq::decode(Reader& reader) {
  return {to_bytes(reader.rest())};
}

void UpdateReq::encode(Writer& writer) const {
  writer.bytes(overlay_specific_data);
}

UpdateAns UpdateAns::decode(Reader& /*reader*/) {
  return {};
}

void UpdateAns::encode(Writer& /*writer*/) const {}

}  // namespace carillon::wire
