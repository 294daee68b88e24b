#include "app/heat_metadata.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "app/failure.hpp"

namespace carillon::app {
namespace {

using HeatJson = nlohmann::json;

HeatJson parse_heat(const std::string& text, const char* what) {
  auto json = HeatJson::parse(text, nullptr, false);
  if (!json.is_object()) throw Failure(std::string(what) + " is not JSON");
  return json;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

HeatDeployment read_deployment(const HeatJson& json) {
  std::map<std::string, std::string> inputs;
  for (const auto& input : json.value("inputs", HeatJson::array())) {
    const auto& value = input.at("value");
    if (value.is_string()) inputs[input.at("name").get<std::string>()] = value.get<std::string>();
  }
  HeatDeployment deployment{.id = json.at("id").get<std::string>(),
                            .action = inputs["deploy_action"],
                            .stack_id = inputs["deploy_stack_id"],
                            .resource_name = inputs["deploy_resource_name"],
                            .region = inputs["deploy_region_name"],
                            .signal_url = inputs["deploy_signal_id"]};
  // It becomes a line of a file.
  const auto is_control = [](unsigned char octet) { return octet < 0x20; };
  if (deployment.id.empty() || std::ranges::any_of(deployment.id, is_control)) {
    throw Failure("Heat's metadata: a deployment's id is none");
  }
  if (!inputs["deploy_signal_verb"].empty()) {
    deployment.signal_method = inputs["deploy_signal_verb"];
  }
  if (!inputs["deploy_auth_url"].empty()) {
    deployment.account = {.auth_url = inputs["deploy_auth_url"],
                          .user_id = inputs["deploy_user_id"],
                          .password = inputs["deploy_password"],
                          .project_id = inputs["deploy_project_id"]};
  }
  return deployment;
}

}  // namespace

HeatNode read_heat_node(const std::string& text) {
  const auto json = parse_heat(text, "the file of --heat");
  const auto& heat = json.at("os-collect-config").at("heat");
  const auto get = [&heat](const char* name) { return heat.at(name).get<std::string>(); };
  return {.account = {.auth_url = get("auth_url"),
                      .user_id = get("user_id"),
                      .password = get("password"),
                      .project_id = get("project_id")},
          .stack_id = get("stack_id"),
          .resource_name = get("resource_name")};
}

std::vector<HeatDeployment> read_deployments(const std::string& metadata, const std::string& name) {
  const auto json = parse_heat(metadata, "Heat's metadata");
  // Heat's API wraps it; a file of it does not.
  const auto& content = json.contains("metadata") ? json.at("metadata") : json;
  std::vector<HeatDeployment> deployments;
  for (const auto& one : content.value("deployments", HeatJson::array())) {
    const auto its_name = one.value("name", std::string{});
    if (its_name == name || its_name.ends_with("-" + name)) {
      deployments.push_back(read_deployment(one));
    }
  }
  return deployments;
}

std::string token_url(const HeatAccount& account) {
  const auto url = without_slash(account.auth_url);
  return url + (url.ends_with("/v3") ? "" : "/v3") + "/auth/tokens";
}

std::string token_request(const HeatAccount& account) {
  const HeatJson user{{"id", account.user_id}, {"password", account.password}};
  return HeatJson{{"auth",
                   {{"identity", {{"methods", {"password"}}, {"password", {{"user", user}}}}},
                    {"scope", {{"project", {{"id", account.project_id}}}}}}}}
      .dump(-1, ' ', false, HeatJson::error_handler_t::replace);
}

std::string heat_endpoint(const std::string& token_answer, const std::string& region) {
  const auto json = parse_heat(token_answer, "Keystone's answer");
  for (const auto& service : json.at("token").value("catalog", HeatJson::array())) {
    if (service.value("type", "") != "orchestration") continue;
    for (const auto& endpoint : service.at("endpoints")) {
      const bool here = region.empty() || endpoint.value("region", region) == region;
      if (endpoint.value("interface", "") == "public" && here) {
        return without_slash(endpoint.at("url").get<std::string>());
      }
    }
  }
  throw Failure("Keystone's catalog has no public endpoint of the orchestration service");
}

std::string signal_body(const std::string& text) {
  return HeatJson{{"deploy_stdout", text}, {"deploy_stderr", ""}, {"deploy_status_code", 0}}.dump(
      -1, ' ', false, HeatJson::error_handler_t::replace);
}

}  // namespace carillon::app
