#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

// Answers of a running peer, for people.
namespace carillon::app {

[[nodiscard]] std::string status_text(const nlohmann::ordered_json& status);
[[nodiscard]] std::string lookup_text(const nlohmann::ordered_json& found);

}  // namespace carillon::app
