#include "app/kamailio_location.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/failure.hpp"

namespace carillon::app {
namespace {

using LocationJson = nlohmann::ordered_json;

/// Of Kamailio 5.6 (table version 9); `id` is the database's to give.
constexpr std::array location_columns{
    "ruid",     "username",      "domain", "contact",    "received",  "path",          "expires",
    "q",        "callid",        "cseq",   "flags",      "cflags",    "methods",       "instance",
    "reg_id",   "last_modified", "socket", "user_agent", "server_id", "connection_id", "keepalive",
    "partition"};

constexpr std::string_view no_value = "\\N";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\\\";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    ++i;
    result += text[i] == 't' ? '\t' : text[i] == 'n' ? '\n' : text[i];
  }
  return result;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto tab = std::min(line.find('\t'), line.size());
    fields.push_back(line.substr(0, tab));
    if (tab == line.size()) return fields;
    line.remove_prefix(tab + 1);
  }
}

std::string time_text(std::uint64_t milliseconds_since_epoch, KamailioLocation::Times times) {
  const auto time = static_cast<std::time_t>(milliseconds_since_epoch / 1'000);
  std::tm parts{};
  if (times == KamailioLocation::Times::utc) {
    ::gmtime_r(&time, &parts);
  } else {
    ::localtime_r(&time, &parts);
  }
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), size};
}

/// "2026-01-31 12:00:00", perhaps with a fraction, or seconds since the epoch (db_text).
std::uint64_t read_time(const std::string& text, KamailioLocation::Times times) {
  std::uint64_t seconds_since_epoch = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, seconds_since_epoch).ptr == end && !text.empty()) {
    return seconds_since_epoch * 1'000;
  }
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (rest == nullptr) throw Failure("\"" + text + "\" is no time");
  parts.tm_isdst = -1;
  const auto time = times == KamailioLocation::Times::utc ? ::timegm(&parts) : std::mktime(&parts);
  return time < 0 ? 0 : static_cast<std::uint64_t>(time) * 1'000;
}

std::uint32_t read_number(const std::string& text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// -1 stands for no q, which means 1.
int read_q(const std::string& text) {
  const double q = std::strtod(text.c_str(), nullptr);
  return text.empty() || q < 0 ? 1'000 : static_cast<int>(std::lround(std::min(q, 1.0) * 1'000));
}

/// "<sip:one;lr>,<sip:two;lr>": what Kamailio keeps of Path.
LocationJson read_path(const std::string& text) {
  LocationJson path = LocationJson::array();
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = text.find('>', begin);
    if (end == std::string::npos) break;
    path.push_back(text.substr(begin, end + 1 - begin));
    begin = std::min(text.find('<', end), text.size());
  }
  return path;
}

}  // namespace

std::string KamailioLocation::header() {
  return fmt::format("{}\n", fmt::join(location_columns, "\t"));
}

std::string KamailioLocation::rows(const LocationJson& entry, std::size_t& skipped) {
  const auto aor = entry.at("aor").get<std::string>();
  const auto at = aor.rfind('@');
  std::string text;
  for (const auto& binding : entry.at("bindings")) {
    if (binding.value("only_through_peer", false)) {
      ++skipped;
      continue;
    }
    std::map<std::string_view, std::string> row;
    row["ruid"] = fmt::format("carillon-{}-{}", binding.at("updated_ms").dump(), ++rows_);
    row["username"] = escaped(aor.substr(0, at));
    row["domain"] = escaped(at == std::string::npos ? "" : aor.substr(at + 1));
    row["contact"] = escaped(binding.at("contact").get<std::string>());
    row["expires"] = time_text(binding.at("expires_ms").get<std::uint64_t>(), times_);
    row["last_modified"] = time_text(binding.at("updated_ms").get<std::uint64_t>(), times_);
    row["q"] = fmt::format("{:.2f}", binding.at("q").get<double>() / 1'000);
    row["callid"] = escaped(binding.value("call_id", ""));
    row["cseq"] = std::to_string(binding.value("cseq", 1U));
    row["reg_id"] = std::to_string(binding.value("reg_id", 0U));
    row["user_agent"] = "";
    row["partition"] = "0";
    for (const char* zero : {"flags", "cflags", "server_id", "connection_id", "keepalive"})
      row[zero] = "0";
    if (binding.contains("instance"))
      row["instance"] = escaped(binding["instance"].get<std::string>());
    if (binding.contains("path")) {
      row["path"] = escaped(
          fmt::format("{}", fmt::join(binding["path"].get<std::vector<std::string>>(), ",")));
    }
    for (std::size_t i = 0; i < location_columns.size(); ++i) {
      const auto value = row.find(location_columns.at(i));
      if (i > 0) text += '\t';
      text += value == row.end() ? std::string(no_value) : value->second;
    }
    text += '\n';
  }
  return text;
}

void KamailioLocation::read_header(std::string_view line) {
  columns_.clear();
  for (const auto field : split(line))
    columns_.emplace_back(field);
  for (const char* needed : {"username", "contact", "expires"}) {
    if (std::ranges::find(columns_, needed) == columns_.end()) {
      throw Failure(std::string("the first line names no column \"") + needed + "\"");
    }
  }
}

std::optional<LocationJson> KamailioLocation::read_row(std::string_view line,
                                                       const std::string& domain) const {
  const auto fields = split(line);
  if (fields.size() != columns_.size()) {
    throw Failure("has " + std::to_string(fields.size()) + " columns, the first line has " +
                  std::to_string(columns_.size()));
  }
  std::map<std::string, std::string, std::less<>> row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] != no_value && fields[i] != "NULL") row[columns_[i]] = unescaped(fields[i]);
  }
  const auto aors_domain = row["domain"].empty() ? domain : row["domain"];
  if (row["username"].empty() || aors_domain.empty()) {
    throw Failure("names no user, or no domain (--domain gives one)");
  }
  const bool connected = read_number(row["connection_id"]) > 0;
  if (!row["received"].empty() || connected) return std::nullopt;
  LocationJson binding{
      {"contact", row["contact"]},
      {"q", read_q(row["q"])},
      {"expires_ms", read_time(row["expires"], times_)},
      {"updated_ms", row["last_modified"].empty() ? 0 : read_time(row["last_modified"], times_)},
      {"call_id", row["callid"]},
      {"cseq", read_number(row["cseq"])},
      {"reg_id", read_number(row["reg_id"])}};
  if (!row["instance"].empty()) binding["instance"] = row["instance"];
  if (!row["path"].empty()) binding["path"] = read_path(row["path"]);
  return LocationJson{{"aor", row["username"] + "@" + aors_domain},
                      {"bindings", LocationJson::array({std::move(binding)})}};
}

}  // namespace carillon::app
