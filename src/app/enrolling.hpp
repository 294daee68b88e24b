#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/notice.hpp"

namespace carillon::app {

/// How a new peer comes by its identity: `carillon peer --join URL --token T`.
struct EnrollingSettings {
  std::string url{};                   ///< Of the enrollment server: https://HOST[:PORT]
  std::string token{};                 ///< Its text,
  std::filesystem::path token_file{};  ///< or a file that has it in its first line.
};

/// Writes what 'overlay enroll' would have written into `directory` if it is not there yet: asks
/// the enrollment server for the configuration document and certificates. Tries for a minute if
/// nobody answers. Cut short, it goes on next time with the same keys. Throws Failure.
void enroll_if_new(const EnrollingSettings& settings, const std::filesystem::path& directory,
                   const NoticeSink& log);

/// The "host:port" that enrollment has told, where a peer may ask for entry; may be empty.
[[nodiscard]] std::vector<std::string> enrolled_bootstrap(const std::filesystem::path& directory);

}  // namespace carillon::app
