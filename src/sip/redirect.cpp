#include "sip/redirect.hpp"

#include <algorithm>

#include "sip/register_request.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// What may stand in a URI's header values as it is (RFC 3261, 25.1: hnv-unreserved, mark).
constexpr std::string_view header_value_marks = "-_.!~*'()[]/:$";

bool hangs_on_a_flow(const Target& target) {
  return target.on_flow || !target.peer_id.empty() ||
         std::ranges::any_of(target.alternates, hangs_on_a_flow);
}

void append_contacts(std::vector<std::string>& out, const Target& target) {
  std::string value = "<" + target.request_uri;
  for (std::size_t i = 0; i < target.routes.size(); ++i) {
    value += i == 0 ? "?Route=" : "%2C";
    value += percent_escaped(target.routes[i], header_value_marks);
  }
  value += ">";
  if (target.q_thousandths < 1000) value.append(";q=").append(q_text(target.q_thousandths));
  out.push_back(std::move(value));
  for (const auto& alternate : target.alternates)
    append_contacts(out, alternate);
}

}  // namespace

std::vector<std::string> redirect_contacts(const std::deque<Target>& targets) {
  std::vector<std::string> out;
  if (std::ranges::any_of(targets, hangs_on_a_flow)) return out;
  for (const auto& target : targets)
    append_contacts(out, target);
  return out;
}

}  // namespace carillon::sip
