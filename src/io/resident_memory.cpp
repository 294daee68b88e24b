#include "io/resident_memory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace carillon::io {

ResidentMemory::ResidentMemory()
    : descriptor_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)), before_(read().value_or(0)) {}

ResidentMemory::~ResidentMemory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::size_t> ResidentMemory::mapped_octets() const {
  const auto now = read();
  if (!now) return std::nullopt;
  return *now - std::min(*now, before_);
}

// In pages: size resident shared text lib data dt; `shared` is what files are behind (proc(5)).
std::optional<std::size_t> ResidentMemory::read() const {
  std::array<char, 128> line{};
  const auto count = descriptor_ < 0 ? -1 : ::pread(descriptor_, line.data(), line.size(), 0);
  if (count <= 0) return std::nullopt;
  std::string_view text{line.data(), static_cast<std::size_t>(count)};
  for (int field = 0; field < 2; ++field) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  std::size_t pages = 0;
  if (std::from_chars(text.begin(), text.end(), pages).ec != std::errc{}) return std::nullopt;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A line of /proc/self/maps: "7f00-7f08 r--s 00000000 fe:01 1234   /path" (proc(5)).
void ResidentMemory::let_go_of(const std::filesystem::path& file) {
  std::error_code ignored;
  const std::string path = std::filesystem::canonical(file, ignored).string();
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; !path.empty() && std::getline(maps, line);) {
    if (!line.ends_with(" " + path) || !line.contains(" r--s ")) continue;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const char* const limit = line.data() + line.size();
    const auto first = std::from_chars(line.data(), limit, begin, 16);
    if (first.ec != std::errc{} || first.ptr == limit) continue;
    const auto second = std::from_chars(first.ptr + 1, limit, end, 16);
    if (second.ec != std::errc{} || end <= begin) continue;
    // The kernel wrote the address as a number.
    auto* const pages = reinterpret_cast<void*>(begin);  // NOLINT(performance-no-int-to-ptr)
    static_cast<void>(::madvise(pages, end - begin, MADV_DONTNEED));
  }
}

}  // namespace carillon::io
