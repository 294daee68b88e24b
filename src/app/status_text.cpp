#include "app/status_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace carillon::app {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string joined(const Json& values) {
  std::string text;
  for (const auto& value : values)
    text += (text.empty() ? "" : "\n              ") + text_of(value);
  return text.empty() ? "-" : text;
}

/// "  name          value"
void add_line(std::string& text, const char* name, const Json& object, const char* key) {
  if (!object.contains(key)) return;
  const auto& value = object.at(key);
  text += fmt::format("{:<13} {}\n", name, value.is_array() ? joined(value) : text_of(value));
}

void add_section(std::string& text, const Json& status, const char* key) {
  if (!status.contains(key) || !status.at(key).is_object()) return;
  text += fmt::format("{:<13}", key);
  for (const auto& [name, value] : status.at(key).items()) {
    if (value.is_structured()) continue;
    text += fmt::format(" {} {}  ", name, text_of(value));
  }
  text += "\n";
}

/// A line each: how we are registered there.
void add_trunk_lines(std::string& text, const Json& status) {
  for (const auto& trunk : status.value("trunks", Json::array())) {
    text += fmt::format("{:<13} {} as {}, {}", "trunk", text_of(trunk.at("uri")),
                        text_of(trunk.at("as")),
                        trunk.at("registered_s") == 0
                            ? std::string{"not registered"}
                            : "registered for " + text_of(trunk.at("registered_s")) + " s");
    if (trunk.contains("trouble")) text += ": " + text_of(trunk.at("trouble"));
    text += "\n";
  }
}

}  // namespace

std::string status_text(const Json& status) {
  std::string text;
  add_line(text, "peer", status, "node_id");
  add_line(text, "state", status, "state");
  if (status.contains("leaving")) add_line(text, "leaving", status.at("leaving"), "progress");
  add_line(text, "overlay", status, "overlay");
  add_line(text, "domains", status, "domains");
  add_line(text, "reload", status, "reload");
  add_line(text, "sip", status, "sip");
  add_line(text, "sip peers", status, "sip_peer");
  add_line(text, "up (s)", status, "uptime_s");
  add_line(text, "predecessors", status, "predecessors");
  add_line(text, "successors", status, "successors");
  add_line(text, "fingers", status, "fingers");
  add_line(text, "share of ring", status, "range_fraction");
  add_line(text, "peers, about", status, "estimated_peers");
  for (const char* section :
       {"links", "clock", "certificate", "phones", "stored", "calls", "replication"}) {
    add_section(text, status, section);
  }
  add_trunk_lines(text, status);
  while (text.ends_with('\n'))
    text.pop_back();
  return text;
}

std::string lookup_text(const Json& found) {
  std::string text;
  add_line(text, "name", found, "name");
  add_line(text, "resource", found, "resource_id");
  add_line(text, "responsible", found, "responsible");
  const bool is_raw = found.contains("values");
  const auto entries = found.value(is_raw ? "values" : "bindings", Json::array());
  for (const auto& entry : entries) {
    text += "\n";
    for (const auto& [name, value] : entry.items()) {
      text += fmt::format("{:<13} {}\n", name, value.is_array() ? joined(value) : text_of(value));
    }
  }
  if (entries.empty()) text += is_raw ? "\nnothing is stored there" : "\nnobody is registered";
  while (text.ends_with('\n'))
    text.pop_back();
  return text;
}

}  // namespace carillon::app
