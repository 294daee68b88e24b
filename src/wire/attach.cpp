#include "wire/attach.hpp"

#include <algorithm>

namespace carillon::wire {
namespace {

bool has_candidate(const std::vector<IceCandidate>& candidates, bool with_ice) {
  return std::ranges::any_of(candidates, [with_ice](const IceCandidate& candidate) {
    return uses_ice(candidate.overlay_link) == with_ice;
  });
}

}  // namespace

//   struct {
//     opaque                ufrag<0..2^8-1>;
//     opaque                password<0..2^8-1>;
//     opaque                role<0..2^8-1>;
//     IceCandidate          candidates<0..2^16-1>;
//     Boolean               send_update;
//   } AttachReqAns;
//
// "A single AttachReqAns MUST NOT include both candidates whose OverlayLinkType protocols use ICE
// (the default) and candidates that specify 'No-ICE'."
AttachReqAns AttachReqAns::decode(Reader& reader) {
  AttachReqAns value;
  value.ufrag = read_opaque(reader, 1, "AttachReqAns.ufrag");
  value.password = read_opaque(reader, 1, "AttachReqAns.password");
  value.role = read_opaque(reader, 1, "AttachReqAns.role");
  const std::size_t candidates_at = reader.offset();
  value.candidates = read_list<IceCandidate>(reader, 2, "AttachReqAns.candidates");
  if (has_candidate(value.candidates, true) && has_candidate(value.candidates, false)) {
    reader.reject_at("AttachReqAns.candidates", candidates_at, "are with and without ICE");
  }
  value.send_update = read_boolean(reader, "AttachReqAns.send_update");
  return value;
}

void AttachReqAns::encode(Writer& writer) const {
  writer.opaque8(ufrag);
  writer.opaque8(password);
  writer.opaque8(role);
  write_list(writer, 2, candidates);
  write_boolean(writer, send_update);
}

}  // namespace carillon::wire
