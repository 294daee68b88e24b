#include "wire/identifiers.hpp"

#include "base/hash.hpp"
#include "base/reader.hpp"

namespace carillon::wire {

OverlayHash overlay_hash(std::string_view overlay_name) {
  const Sha1Digest digest = sha1(as_bytes(overlay_name));
  Reader reader{ByteView{digest}.last<4>()};
  return static_cast<OverlayHash>(reader.u32("overlay"));
}

}  // namespace carillon::wire
