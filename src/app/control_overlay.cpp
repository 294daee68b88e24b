#include "app/control_overlay.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/control_client.hpp"
#include "app/failure.hpp"
#include "base/hex.hpp"

namespace carillon::app {
namespace {

using EnrollmentJson = nlohmann::ordered_json;

/// A newcomer waits meanwhile, and so do others.
constexpr std::chrono::seconds overlay_within{10};
constexpr std::size_t max_addresses = 16;

/// What fails here is worth trying again later.
template <typename Use>
auto asking(Use use) -> decltype(use()) {
  try {
    return use();
  } catch (const Failure& failure) {
    return fail(ErrorCode::unreachable, "peer", failure.what());
  } catch (const EnrollmentJson::exception& error) {
    return fail(ErrorCode::malformed, "peer", error.what());
  }
}

std::string kind_text() {
  return fmt::format("{:#x}", static_cast<std::uint32_t>(KindId::carillon_enrollment));
}

}  // namespace

std::string ControlOverlay::resource_name(const std::string& token_id) const {
  return "enrollment-token-" + token_id + "@" + domain_;
}

Result<std::vector<Claim>> ControlOverlay::claims(const std::string& token_id) {
  return asking([&]() -> Result<std::vector<Claim>> {
    const auto found = ask_peer(
        control_, {{"command", "lookup"}, {"name", resource_name(token_id)}, {"kind", kind_text()}},
        overlay_within);
    std::vector<Claim> claims;
    for (const auto& value : found.at("values")) {
      const auto octets = from_hex(value.at("hex").get<std::string>());
      if (!octets) return std::unexpected(octets.error());
      const auto claim = Claim::from_bytes(*octets);
      if (!claim) return std::unexpected(claim.error());
      claims.push_back(*claim);
    }
    return claims;
  });
}

Result<void> ControlOverlay::add_claim(const std::string& token_id, const Claim& claim,
                                       seconds lifetime) {
  return asking([&]() -> Result<void> {
    (void)ask_peer(control_,
                   {{"command", "store"},
                    {"name", resource_name(token_id)},
                    {"kind", kind_text()},
                    {"hex", to_hex(claim.to_bytes())},
                    {"lifetime", lifetime.count()}},
                   overlay_within);
    return {};
  });
}

Result<RingView> ControlOverlay::ring() {
  return asking([&]() -> Result<RingView> {
    const auto status = ask_peer(control_, {{"command", "status"}}, overlay_within);
    if (status.at("state") != "joined") {
      return fail(ErrorCode::not_joined, "peer", "is " + status.at("state").get<std::string>());
    }
    RingView ring;
    const auto add = [&ring](const EnrollmentJson& hex) {
      if (const auto node = NodeId::from_hex(hex.get<std::string>())) ring.peers.push_back(*node);
    };
    add(status.at("node_id"));
    for (const char* table : {"predecessors", "successors", "fingers"}) {
      for (const auto& node : status.at(table))
        add(node);
    }
    ring.addresses.push_back(status.at("reload").get<std::string>());
    for (const auto& node : status.at("links").at("connected")) {
      if (!node.at("peer").get<bool>() || !node.contains("address")) continue;
      if (ring.addresses.size() == max_addresses) break;
      ring.addresses.push_back(node.at("address").get<std::string>());
    }
    return ring;
  });
}

}  // namespace carillon::app
