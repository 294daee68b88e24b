#include "app/control_service.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "app/failure.hpp"
#include "app/status_json.hpp"
#include "base/hex.hpp"

namespace carillon::app {
namespace {

using Json = ControlService::Json;

constexpr std::size_t users_per_page = 256;
constexpr std::size_t max_users_listed = 100'000;

std::string dump(const Json& json) {
  // Values are other people's octets: what is not UTF-8 is shown as the replacement character.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void answer(const ControlService::Reply& reply, Json result) {
  reply(dump({{"ok", true}, {"result", std::move(result)}}));
}

void refuse(const ControlService::Reply& reply, std::string code, std::string error) {
  reply(dump({{"ok", false}, {"code", std::move(code)}, {"error", std::move(error)}}));
}

void refuse(const ControlService::Reply& reply, const Error& error) {
  refuse(reply, std::string(to_string(error.code)), error.message());
}

std::string text_field(const Json& request, const char* name) {
  if (!request.contains(name) || !request.at(name).is_string()) {
    throw Failure(std::string("\"") + name + "\" is missing");
  }
  return request.at(name).get<std::string>();
}

std::string optional_text(const Json& request, const char* name) {
  return request.contains(name) ? text_field(request, name) : std::string{};
}

/// "sip:alice@Example.org" is stored as "alice@example.org".
std::string canonical_aor(std::string aor) {
  if (aor.starts_with("sip:")) aor.erase(0, 4);
  const auto at = aor.rfind('@');
  for (auto i = at; i < aor.size(); ++i) {
    aor[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(aor[i])));
  }
  return aor;
}

Json binding_json(const sip::LocatedBinding& located) {
  const auto& binding = located.binding;
  Json json{{"contact", binding.contact},
            {"q", static_cast<double>(binding.q_thousandths) / 1000},
            {"expires_ms", to_milliseconds(binding.expires)},
            {"served_by", located.peer_id}};
  if (!located.peer_address.host.empty()) json["peer_address"] = located.peer_address.text();
  if (!binding.received.empty()) json["received"] = binding.received;
  if (!binding.instance.empty()) json["instance"] = binding.instance;
  if (binding.reg_id != 0) json["reg_id"] = binding.reg_id;
  if (!binding.path.empty()) json["path"] = binding.path;
  json["only_through_peer"] = !binding.flow_token.empty();
  return json;
}

Json leaving_json(const Leaving::Progress& progress) {
  return {{"stage", std::string(to_string(progress.stage))},
          {"progress", progress_line(progress)},
          {"elapsed_ms", progress.elapsed.count()},
          {"transactions", progress.transactions},
          {"phones", progress.phones},
          {"withdrawals", progress.withdrawals},
          {"transfers", progress.transfers},
          {"handed_on", progress.handed_on}};
}

Json value_json(const FoundValue& value) {
  Json json{{"kind", static_cast<std::uint32_t>(value.kind)}, {"hex", to_hex(value.value)}};
  if (const auto* index = std::get_if<std::uint32_t>(&value.position)) json["index"] = *index;
  if (const auto* key = std::get_if<Bytes>(&value.position)) json["key"] = to_hex(*key);
  json["storage_time_ms"] = value.storage_time_ms;
  json["lifetime_s"] = value.lifetime.count();
  json["user"] = value.user;
  json["node_id"] = value.node.to_hex();
  return json;
}

}  // namespace

void ControlService::handle(const std::string& line, Reply reply) {
  node_.scheduler().begin_input();
  const auto request = Json::parse(line, nullptr, false);
  try {
    if (!request.is_object()) throw Failure("not a JSON object");
    const auto command = text_field(request, "command");
    if (command == "status") return status(request, reply);
    if (command == "lookup") return lookup(request, reply);
    if (command == "store") return store(request, reply);
    if (command == "user_add") return user_add(request, reply);
    if (command == "user_remove") return user_remove(request, reply);
    if (command == "user_list") return user_list(reply);
    if (command == "export") return export_page(request, reply);
    if (command == "import") return import_entries(request, reply);
    if (command == "leave") return leave(reply);
    throw Failure("no such command: " + command);
  } catch (const Failure& failure) {
    refuse(reply, "invalid_argument", failure.what());
  } catch (const Json::exception&) {
    refuse(reply, "invalid_argument", "a field has a value of the wrong type");
  }
}

void ControlService::status(const Json& request, const Reply& reply) {
  if (!request.value("count", false)) return answer(reply, status());
  node_.stored_counter().count([this, reply](const auto& counts) {
    if (!counts) return refuse(reply, counts.error());
    node_.scheduler().begin_input();
    auto json = status();
    json["stored"] = Json::object();
    for (const auto& [kind, count] : *counts)
      json["stored"][node_.kind_name(kind)] = count;
    answer(reply, std::move(json));
  });
}

ControlService::Json ControlService::status() {
  auto json = status_json(node_);
  const auto progress = progress_();
  if (progress.stage != Leaving::Stage::not_started) {
    if (progress.stage != Leaving::Stage::finished) json["state"] = "draining";
    json["leaving"] = leaving_json(progress);
  }
  return json;
}

void ControlService::lookup(const Json& request, const Reply& reply) {
  const auto name = canonical_aor(text_field(request, "name"));
  if (request.contains("kind")) return lookup_kind(name, kind_of(request), reply);
  node_.locations().lookup(name, [this, name, reply](auto bindings) {
    if (!bindings) return refuse(reply, bindings.error());
    const auto resource = node_.peer().resource_id(name);
    Json list = Json::array();
    for (const auto& binding : *bindings)
      list.push_back(binding_json(binding));
    answer(reply, {{"name", name},
                   {"resource_id", resource.to_hex()},
                   {"responsible", responsible_node(node_.peer().status(), resource).to_hex()},
                   {"bindings", std::move(list)}});
  });
}

void ControlService::lookup_kind(const std::string& name, KindId kind, const Reply& reply) {
  node_.peer().lookup({name, {kind}}, [this, name, reply](Result<LookupReport> report) {
    if (!report) return refuse(reply, report.error());
    const auto resource = node_.peer().resource_id(name);
    Json list = Json::array();
    for (const auto& value : report->values)
      list.push_back(value_json(value));
    answer(reply, {{"name", name},
                   {"resource_id", resource.to_hex()},
                   {"responsible", responsible_node(node_.peer().status(), resource).to_hex()},
                   {"values", std::move(list)}});
  });
}

KindId ControlService::kind_of(const Json& request) const {
  const auto text = text_field(request, "kind");
  for (const auto& kind : node_.peer().configuration().configuration().kinds) {
    if (kind.name == text) return kind.id;
  }
  const bool hexadecimal = text.starts_with("0x");
  const auto* begin = text.data() + (hexadecimal ? 2 : 0);
  const auto* end = text.data() + text.size();
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number, hexadecimal ? 16 : 10);
  if (error != std::errc{} || stop != end)
    throw Failure("the overlay has no Kind \"" + text + "\"");
  return static_cast<KindId>(number);
}

void ControlService::store(const Json& request, const Reply& reply) {
  ValueToStore value;
  value.kind = kind_of(request);
  value.exists = request.value("exists", true);
  value.lifetime = seconds{request.value("lifetime", std::int64_t{3600})};
  if (value.lifetime <= seconds{0}) throw Failure("\"lifetime\" must be positive");
  if (request.contains("hex")) {
    value.value = must(from_hex(text_field(request, "hex")), "hex");
  } else {
    value.value = to_bytes(as_bytes(optional_text(request, "text")));
  }
  const auto name = canonical_aor(text_field(request, "name"));
  const auto* definition = node_.peer().configuration().configuration().kind(value.kind);
  if (definition == nullptr) throw Failure("the overlay does not define this Kind");
  if (definition->data_model == wire::DataModel::array) {
    value.position = request.value("index", std::uint32_t{0});
  } else if (definition->data_model == wire::DataModel::dictionary) {
    value.position = request.contains("key") ? must(from_hex(text_field(request, "key")), "key")
                                             : to_bytes(node_.peer().node_id().bytes());
  }
  const bool for_user = definition->access_control == config::AccessControl::user_match ||
                        definition->access_control == config::AccessControl::user_node_match;
  auto user = optional_text(request, "user");
  if (user.empty() && for_user && name.find('@') != std::string::npos) user = name;
  StoreRequest what{.resource_name = name, .user = user, .values = {std::move(value)}};
  node_.peer().store(std::move(what), [reply](Result<StoreReport> report) {
    if (!report) return refuse(reply, report.error());
    Json kinds = Json::array();
    for (const auto& kind : report->kinds) {
      kinds.push_back(
          {{"kind", static_cast<std::uint32_t>(kind.kind)}, {"generation", kind.generation}});
    }
    answer(reply, {{"replicas", report->replicas}, {"kinds", std::move(kinds)}});
  });
}

void ControlService::user_add(const Json& request, const Reply& reply) {
  const auto password = text_field(request, "password");
  if (password.empty()) throw Failure("the password is empty");
  node_.credentials().add(canonical_aor(text_field(request, "aor")), password,
                          [reply](Result<void> done) {
                            if (!done) return refuse(reply, done.error());
                            answer(reply, Json::object());
                          });
}

void ControlService::user_remove(const Json& request, const Reply& reply) {
  const auto aor = canonical_aor(text_field(request, "aor"));
  node_.credentials().remove(aor, [this, aor, reply](const Result<void>& removed) {
    // Of no user, too: it may have failed when the user was removed.
    if (!removed && removed.error().code != ErrorCode::not_found) {
      return refuse(reply, removed.error());
    }
    node_.sip().remove_bindings(aor, [reply, removed](const Result<void>& done) {
      if (!done) return refuse(reply, done.error());
      if (!removed) return refuse(reply, removed.error());
      answer(reply, Json::object());
    });
  });
}

void ControlService::user_list(const Reply& reply) {
  more_users(std::make_shared<Json>(Json::array()), std::nullopt, reply);
}

void ControlService::more_users(std::shared_ptr<Json> users, std::optional<ResourceId> from,
                                Reply reply) {
  node_.credentials().list(
      std::move(from), users_per_page,
      [this, users, reply = std::move(reply)](Result<usage::UserPage> page) mutable {
        if (!page) return refuse(reply, page.error());
        for (auto& aor : page->aors)
          users->push_back(std::move(aor));
        if (page->next && users->size() < max_users_listed) {
          return more_users(std::move(users), std::move(page->next), std::move(reply));
        }
        answer(reply, {{"users", std::move(*users)}, {"complete", !page->next.has_value()}});
      });
}

void ControlService::export_page(const Json& request, const Reply& reply) {
  const auto what = text_field(request, "kind");
  if (what != "users" && what != "bindings") throw Failure("\"kind\" is users or bindings");
  ResourceId from{NodeId{}};
  if (request.contains("from")) {
    from = ResourceId{must(NodeId::from_hex(text_field(request, "from")), "from")};
  }
  backup_.export_page(what == "users" ? KindId::carillon_credential : KindId::carillon_contacts,
                      std::move(from), [reply](Result<Json> page) {
                        if (!page) return refuse(reply, page.error());
                        answer(reply, *std::move(page));
                      });
}

void ControlService::import_entries(const Json& request, const Reply& reply) {
  backup_.import_entries(request.at("entries"), [reply](Result<Json> report) {
    if (!report) return refuse(reply, report.error());
    answer(reply, *std::move(report));
  });
}

void ControlService::leave(const Reply& reply) {
  const auto node_id = node_.peer().node_id().to_hex();
  leave_([reply, node_id](Result<void> left) {
    if (!left) return refuse(reply, left.error());
    answer(reply, {{"node_id", node_id}, {"state", "left"}});
  });
}

}  // namespace carillon::app
