#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace carillon::io {

/// How much of mapped files counts as this process's memory (Linux: RssFile).
class ResidentMemory {
 public:
  ResidentMemory();
  ~ResidentMemory();
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;

  /// Beyond what it was when this object was made. Nothing if the system does not tell.
  [[nodiscard]] std::optional<std::size_t> mapped_octets() const;

  /// Lets go of the pages of a file that is mapped read-only: nothing is lost, they come back when
  /// they are read, mostly from the system's cache.
  static void let_go_of(const std::filesystem::path& file);

 private:
  [[nodiscard]] std::optional<std::size_t> read() const;

  int descriptor_{-1};
  std::size_t before_{0};
};

}  // namespace carillon::io
