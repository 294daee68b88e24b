#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include <carillon/error.hpp>

#include "base/bytes.hpp"

namespace carillon::io {

/// Who may read a file that we write.
enum class FileMode : unsigned { secret = 0600, shared = 0644 };

/// No file that we read at start-up is larger.
inline constexpr std::size_t file_size_limit = 4U << 20;

/// The whole file. `not_found`, `too_large` (over `limit`), or `io` with the system's reason.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t limit = file_size_limit);

/// Writes a file so that after a crash it holds either its old content or the new one: a temporary
/// file beside it, fsync, rename, fsync of the directory. `disk_full` or `io`.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, ByteView content,
                                      FileMode mode);

/// Makes a directory (and those above it) if it is not there. `io` if it is not writable for us.
[[nodiscard]] Result<void> make_directory(const std::filesystem::path& path);

/// Held by the one process that uses a directory; given back when the process ends, however.
class DirectoryLock {
 public:
  /// `busy` if another process holds it, naming its process id.
  [[nodiscard]] static Result<DirectoryLock> take(const std::filesystem::path& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_{-1};
};

}  // namespace carillon::io
