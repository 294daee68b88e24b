// What Heat and Keystone say to a node: its part of the user data, the metadata of its server, the
// answer to a token request. Whatever is not as it must be ends in an exception that the agent
// takes for "not now".
#include <nlohmann/json.hpp>

#include "app/failure.hpp"
#include "app/heat_metadata.hpp"
#include "check.hpp"

using namespace carillon;
using namespace carillon::app;

namespace {

/// Whether it could be read: both kinds of refusal are right, any other exception is a fault.
template <typename Read>
bool read(Read&& reader) {
  try {
    reader();
    return true;
  } catch (const Failure&) {
    return false;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read([&] {
    const auto node = read_heat_node(text);
    check(!token_url(node.account).empty());
    // Whatever is in it, what we send is JSON.
    (void)nlohmann::json::parse(token_request(node.account));
  });
  read([&] {
    for (const auto& deployment : read_deployments(text, "carillon-lifecycle"))
      check(!deployment.id.empty());
  });
  read([&] { (void)heat_endpoint(text, ""); });
  read([&] { (void)heat_endpoint(text, "here"); });
  read([&] { (void)nlohmann::json::parse(signal_body(text)); });
  return 0;
}
