#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include <nlohmann/json_fwd.hpp>

namespace carillon::app {

/// How long a running peer may take for an answer; leaving hands data on first.
inline constexpr std::chrono::seconds control_timeout{60};

/// Asks a running peer over its control socket (`ControlService` has the commands) and waits for
/// the "result" of its answer. Throws Failure: nobody answers there, or the peer says why not.
[[nodiscard]] nlohmann::ordered_json ask_peer(const std::filesystem::path& control,
                                              const nlohmann::ordered_json& request,
                                              std::chrono::seconds timeout = control_timeout);

/// The same for what takes long: runs `meanwhile` every `interval` until the answer is there.
[[nodiscard]] nlohmann::ordered_json ask_peer_patiently(const std::filesystem::path& control,
                                                        const nlohmann::ordered_json& request,
                                                        std::chrono::milliseconds interval,
                                                        const std::function<void()>& meanwhile);

}  // namespace carillon::app
