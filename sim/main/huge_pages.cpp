#include "sim/main/huge_pages.hpp"

#ifdef CARILLON_TCMALLOC

#include <cstddef>
#include <cstdint>

#include <gperftools/malloc_extension.h>
#include <sys/mman.h>

namespace carillon::sim {
namespace {

/// Hands out one stretch of addresses from its start to its end; of the memory behind them only
/// what is written to is taken.
class HugePages final : public SysAllocator {
 public:
  void* Alloc(std::size_t size, std::size_t* actual, std::size_t alignment) override {
    const std::uintptr_t at = (next_ + alignment - 1) / alignment * alignment;
    const std::size_t whole = (size + page - 1) / page * page;
    if (start_ == 0 || at + whole > start_ + reserved) return nullptr;
    next_ = at + whole;
    if (actual != nullptr) *actual = whole;
    return reinterpret_cast<void*>(at);
  }

  void reserve() {
    void* place = mmap(nullptr, reserved, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return;
    (void)madvise(place, reserved, MADV_HUGEPAGE);
    start_ = reinterpret_cast<std::uintptr_t>(place);
    next_ = (start_ + page - 1) / page * page;
  }

 private:
  static constexpr std::size_t page = std::size_t{2} << 20U;
  static constexpr std::size_t reserved = std::size_t{1} << 40U;
  std::uintptr_t start_{0};
  std::uintptr_t next_{0};
};

}  // namespace

void use_huge_pages() {
  static HugePages pages;
  pages.reserve();
  MallocExtension::instance()->SetSystemAllocator(&pages);
}

}  // namespace carillon::sim

#else

namespace carillon::sim {

void use_huge_pages() {}

}  // namespace carillon::sim

#endif
