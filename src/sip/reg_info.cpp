#include "sip/reg_info.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/hex.hpp"
#include "base/xml_text.hpp"
#include "sip/register_request.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t id_octets = 8;

/// The same for a phone as long as it keeps its binding, whatever it changes in it.
std::string id_of(std::string_view text) {
  return to_hex(ByteView{sha256(as_bytes(text))}.first(id_octets));
}

std::string id_of(const Binding& binding) {
  if (binding.instance.empty()) return id_of(binding.contact);
  return id_of(binding.instance + "\n" + std::to_string(binding.reg_id));
}

void append_contact(std::string& out, const std::string& id, const Binding& binding,
                    std::string_view event, WallTime now) {
  const auto left = std::chrono::ceil<seconds>(binding.expires - now).count();
  out.append("    <contact id=\"").append(id).append("\" state=\"active\" event=\"").append(event);
  out.append("\" expires=\"");
  out.append(std::to_string(std::clamp<std::int64_t>(left, 0, binding.granted_s)));
  if (binding.q_thousandths < 1000) out.append("\" q=\"").append(q_text(binding.q_thousandths));
  out.append("\" callid=\"").append(xml_escaped(binding.call_id));
  out.append("\" cseq=\"").append(std::to_string(binding.cseq)).append("\">\n      <uri>");
  out.append(xml_escaped(binding.contact)).append("</uri>\n");
  if (!binding.instance.empty()) {
    out.append("      <unknown-param name=\"+sip.instance\">\"");
    out.append(xml_escaped(binding.instance)).append("\"</unknown-param>\n");
  }
  if (binding.reg_id != 0) {
    out.append("      <unknown-param name=\"reg-id\">");
    out.append(std::to_string(binding.reg_id)).append("</unknown-param>\n");
  }
  out.append("    </contact>\n");
}

}  // namespace

std::string RegInfo::document(const std::vector<LocatedBinding>& located, WallTime now, bool full) {
  full = full || version_ == 0;
  std::string contacts;
  std::map<std::string, Told> current;
  for (const auto& found : located) {
    const auto& binding = found.binding;
    auto id = id_of(binding);
    const auto known = told_.find(id);
    const bool changed = known == told_.end() || known->second.updated != binding.updated ||
                         known->second.uri != binding.contact;
    if (full || changed) {
      append_contact(contacts, id, binding, known == told_.end() ? "registered" : "refreshed", now);
    }
    current.emplace(std::move(id), Told{binding.updated, binding.expires, binding.contact});
  }
  for (const auto& [id, gone] : told_) {
    if (current.contains(id)) continue;
    const auto* event = gone.expires <= now ? "expired" : "unregistered";
    contacts.append("    <contact id=\"").append(id).append("\" state=\"terminated\" event=\"");
    contacts.append(event).append("\">\n      <uri>").append(xml_escaped(gone.uri));
    contacts.append("</uri>\n    </contact>\n");
  }
  if (!full && contacts.empty()) return {};
  const auto* state = !current.empty() ? "active" : was_active_ ? "terminated" : "init";
  was_active_ = !current.empty();
  told_ = std::move(current);
  std::string out{"<?xml version=\"1.0\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\""};
  out.append(" version=\"").append(std::to_string(version_++));
  out.append("\" state=\"").append(full ? "full" : "partial").append("\">\n");
  out.append("  <registration aor=\"sip:").append(xml_escaped(aor_)).append("\" id=\"");
  out.append(id_of(aor_)).append("\" state=\"").append(state).append("\">\n").append(contacts);
  return out.append("  </registration>\n</reginfo>\n");
}

}  // namespace carillon::sip
