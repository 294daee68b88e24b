#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

// What Heat and Keystone (OpenStack) say to a node, taken apart. No I/O. All functions throw
// Failure, or Json's exception, on what is not as it must be.
namespace carillon::app {

/// Who somebody is at Keystone.
struct HeatAccount {
  std::string auth_url{};  ///< As Keystone gives it: with /v3 at its end, or not.
  std::string user_id{};
  std::string password{};
  std::string project_id{};
};

/// What a server's user data says, part cfn-init-data.
struct HeatNode {
  HeatAccount account{};
  std::string stack_id{};
  std::string resource_name{};
};
[[nodiscard]] HeatNode read_heat_node(const std::string& text);

/// One entry of "deployments" in the server's metadata: something that we are to do.
struct HeatDeployment {
  std::string id{};      ///< New for every action.
  std::string action{};  ///< "CREATE", "DELETE", ...
  std::string stack_id{};
  std::string resource_name{};
  std::string region{};
  std::optional<HeatAccount> account{};  ///< With HEAT_SIGNAL: who has to answer.
  std::string signal_url{};              ///< With CFN_SIGNAL: where to,
  std::string signal_method{"POST"};     ///< and how.
};
/// Those whose name is `name`, or ends with "-" and `name`, in their order.
[[nodiscard]] std::vector<HeatDeployment> read_deployments(const std::string& metadata,
                                                           const std::string& name);

/// POST .../v3/auth/tokens: where to, with what body, and where Heat is according to the answer.
[[nodiscard]] std::string token_url(const HeatAccount& account);
[[nodiscard]] std::string token_request(const HeatAccount& account);
/// `region`: empty if it does not matter.
[[nodiscard]] std::string heat_endpoint(const std::string& token_answer, const std::string& region);

/// The body of a signal.
[[nodiscard]] std::string signal_body(const std::string& text);

}  // namespace carillon::app
