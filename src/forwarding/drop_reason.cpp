#include "forwarding/drop_reason.hpp"

namespace carillon::forwarding {

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::malformed:
      return "malformed";
    case DropReason::wrong_overlay:
      return "wrong_overlay";
    case DropReason::ttl_exceeded:
      return "ttl_exceeded";
    case DropReason::forward_critical:
      return "forward_critical";
    case DropReason::not_attached:
      return "not_attached";
    case DropReason::resource_not_last:
      return "resource_not_last";
    case DropReason::node_absent:
      return "node_absent";
    case DropReason::unknown_opaque_id:
      return "unknown_opaque_id";
    case DropReason::unknown_destination:
      return "unknown_destination";
    case DropReason::no_route:
      return "no_route";
    case DropReason::in_circles:
      return "in_circles";
    case DropReason::too_large:
      return "too_large";
    case DropReason::queue_full:
      return "queue_full";
    case DropReason::reassembly:
      return "reassembly";
    case DropReason::reassembly_timeout:
      return "reassembly_timeout";
    case DropReason::overloaded:
      return "overloaded";
    case DropReason::count_:
      break;
  }
  return "unknown";
}

}  // namespace carillon::forwarding
