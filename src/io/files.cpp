#include "io/files.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/descriptor.hpp"

namespace carillon::io {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> system_failure(const std::string& where, int error) {
  const auto code = error == ENOSPC || error == EDQUOT ? ErrorCode::disk_full
                    : error == ENOENT                  ? ErrorCode::not_found
                                                       : ErrorCode::io;
  return fail(code, where, std::generic_category().message(error));
}

bool write_all(int descriptor, ByteView content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> sync_directory(const fs::path& directory) {
  const Descriptor descriptor{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) {
    return system_failure(directory.string(), errno);
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t limit) {
  const Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (descriptor.get() < 0) return system_failure(path.string(), errno);
  std::string content;
  std::array<char, 16384> block{};
  while (true) {
    const auto count = ::read(descriptor.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(path.string(), errno);
    if (count == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return fail(ErrorCode::too_large, path.string(),
                  "more than " + std::to_string(limit) + " octets");
    }
  }
}

Result<void> write_file(const fs::path& path, ByteView content, FileMode mode) {
  auto temporary = path;
  temporary += ".new";
  {
    const Descriptor descriptor{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                       static_cast<mode_t>(mode))};
    // The mode at opening does not hold for a file that a crash left behind.
    if (descriptor.get() < 0 || ::fchmod(descriptor.get(), static_cast<mode_t>(mode)) != 0 ||
        !write_all(descriptor.get(), content) || ::fsync(descriptor.get()) != 0) {
      const int error = errno;
      ::unlink(temporary.c_str());
      return system_failure(path.string(), error);
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return system_failure(path.string(), error);
  }
  return sync_directory(path.has_parent_path() ? path.parent_path() : fs::path{"."});
}

Result<void> make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(ErrorCode::io, path.string(), error.message());
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(ErrorCode::io, path.string(), std::generic_category().message(errno));
  }
  return {};
}

Result<DirectoryLock> DirectoryLock::take(const fs::path& directory) {
  const auto path = directory / "lock";
  Descriptor descriptor{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (descriptor.get() < 0) return system_failure(path.string(), errno);
  if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure(path.string(), errno);
    const auto holder = read_file(path, 64);
    return fail(ErrorCode::busy, directory.string(),
                "in use by process " + (holder && !holder->empty() ? *holder : "(unknown)"));
  }
  const auto id = std::to_string(::getpid());
  if (::ftruncate(descriptor.get(), 0) != 0 || !write_all(descriptor.get(), as_bytes(id))) {
    return system_failure(path.string(), errno);
  }
  return DirectoryLock{descriptor.release()};
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace carillon::io
