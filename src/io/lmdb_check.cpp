#include "io/lmdb_check.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "io/descriptor.hpp"

// The format is that of LMDB 0.9 (mdb.c: MDB_meta, MDB_page, MDB_node), in the machine's own byte
// order and for 64 bits:
//
//   page   := pgno(8) pad(2) flags(2) ( lower(2) upper(2) | pages(4) ) ...
//   meta   := page-header(16) magic(4) version(4) address(8) mapsize(8) db(free) db(main)
//             last_pgno(8) txnid(8)
//   db     := pad(4) flags(2) depth(2) branch(8) leaf(8) overflow(8) entries(8) root(8)
//   node   := lo(2) hi(2) flags(2) key-size(2) key [data], at the offsets that follow the header
//
// In a branch node lo, hi and flags are the child's number; in a leaf lo and hi are the data's
// size, and with F_BIGDATA the data is the number of the first of some overflow pages.
namespace carillon::io {

namespace {

using PageNumber = std::uint64_t;

constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint32_t data_version = 1;
constexpr std::size_t header_size = 16;
constexpr std::size_t node_header_size = 8;
constexpr std::uint16_t branch_flag = 0x01;
constexpr std::uint16_t leaf_flag = 0x02;
constexpr std::uint16_t overflow_flag = 0x04;
constexpr std::uint16_t meta_flag = 0x08;
constexpr std::uint16_t transient_flags = 0xC010;  // Of pages in memory; may be left over.
constexpr std::uint16_t big_data_flag = 0x01;
constexpr PageNumber no_page = ~PageNumber{0};
constexpr unsigned max_depth = 32;
constexpr std::size_t min_page_size = 512;
constexpr std::size_t max_page_size = 65536;

template <typename T>
T load(ByteView octets, std::size_t offset) {
  T value{};
  std::memcpy(&value, octets.data() + offset, sizeof value);
  return value;
}

struct Tree {
  std::uint16_t depth{};
  PageNumber root{};
};

struct Meta {
  std::size_t page_size{};
  Tree free_list;
  Tree main;
  PageNumber last_page{};
  std::uint64_t transaction{};
};

/// A leaf's or branch's node.
struct Node {
  ByteView key;
  PageNumber child{};         ///< In a branch.
  std::uint32_t data_size{};  ///< In a leaf,
  bool big{};                 ///< where the data may lie on
  PageNumber overflow{};      ///< pages of their own.
  ByteView data;
};

class Checker {
 public:
  Checker(int descriptor, std::size_t file_size, std::string name)
      : descriptor_(descriptor), file_size_(file_size), name_(std::move(name)) {}

  Result<void> run() {
    if (auto found = read_metas(); !found) return found;
    seen_.assign(file_size_ / meta_.page_size, false);
    if (auto walked = walk(meta_.main, false); !walked) return walked;
    return walk(meta_.free_list, true);
  }

 private:
  std::unexpected<Error> damaged(PageNumber page, const std::string& what) const {
    return fail(ErrorCode::corrupt, "storage open",
                name_ + ": page " + std::to_string(page) + ": " + what);
  }

  Result<void> read_at(std::size_t offset, std::span<std::uint8_t> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto count = ::pread(descriptor_, into.data() + done, into.size() - done,
                                 static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        return fail(ErrorCode::io, "storage open",
                    name_ + ": " + std::system_category().message(errno));
      }
      if (count == 0) return fail(ErrorCode::corrupt, "storage open", name_ + ": is cut short");
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

  Result<Meta> read_meta(PageNumber page, std::size_t offset) const {
    std::array<std::uint8_t, 152> octets{};
    if (auto read = read_at(offset, octets); !read) return std::unexpected(read.error());
    const ByteView view = octets;
    if (load<PageNumber>(view, 0) != page || (load<std::uint16_t>(view, 10) & meta_flag) == 0 ||
        load<std::uint32_t>(view, 16) != magic) {
      return damaged(page, "is not the head of an LMDB file");
    }
    if ((load<std::uint32_t>(view, 20) & 0xFFFFU) != data_version) {
      return damaged(page, "was written by another version of LMDB");
    }
    Meta meta;
    meta.page_size = load<std::uint32_t>(view, 40);
    meta.free_list = {load<std::uint16_t>(view, 46), load<PageNumber>(view, 80)};
    meta.main = {load<std::uint16_t>(view, 94), load<PageNumber>(view, 128)};
    meta.last_page = load<PageNumber>(view, 136);
    meta.transaction = load<std::uint64_t>(view, 144);
    if (meta.page_size < min_page_size || meta.page_size > max_page_size ||
        (meta.page_size & (meta.page_size - 1)) != 0) {
      return damaged(page, "has no plausible page size");
    }
    return meta;
  }

  /// The two heads of the file: the one with the higher transaction counts, as in LMDB.
  Result<void> read_metas() {
    auto first = read_meta(0, 0);
    if (!first) return std::unexpected(first.error());
    auto second = read_meta(1, first->page_size);
    if (!second) return std::unexpected(second.error());
    if (first->page_size != second->page_size) return damaged(1, "has another page size");
    meta_ = first->transaction >= second->transaction ? *first : *second;
    return {};
  }

  Result<void> walk(const Tree& tree, bool is_free_list) {
    if (tree.root == no_page) {
      if (tree.depth == 0) return {};
      return damaged(0, "names no root");
    }
    if (tree.depth == 0 || tree.depth > max_depth) return damaged(0, "has no plausible depth");
    return walk_page(tree.root, tree.depth, is_free_list);
  }

  /// Each page belongs to one place only, and lies within the file.
  Result<void> claim(PageNumber page, std::uint64_t count) {
    if (page < 2 || page > meta_.last_page || page >= seen_.size() || count > seen_.size() - page) {
      return damaged(page, "lies outside the file");
    }
    for (std::uint64_t i = page; i < page + count; ++i) {
      if (seen_[i]) return damaged(i, "is used twice");
      seen_[i] = true;
    }
    return {};
  }

  Result<void> walk_page(PageNumber number, unsigned levels, bool is_free_list) {
    if (auto claimed = claim(number, 1); !claimed) return claimed;
    std::vector<std::uint8_t> page(meta_.page_size);
    if (auto read = read_at(number * meta_.page_size, page); !read) return read;
    const ByteView view = page;
    const std::uint16_t expected = levels > 1 ? branch_flag : leaf_flag;
    const int flags = load<std::uint16_t>(view, 10) & ~transient_flags;
    if (load<PageNumber>(view, 0) != number || flags != expected) {
      return damaged(number, "is another sort of page");
    }
    const std::size_t lower = load<std::uint16_t>(view, 12);
    const std::size_t upper = load<std::uint16_t>(view, 14);
    if (lower < header_size || lower > upper || upper > page.size() || lower % 2 != 0) {
      return damaged(number, "has impossible bounds");
    }
    ByteView previous;
    for (std::size_t slot = header_size; slot < lower; slot += 2) {
      const auto node = read_node(view, load<std::uint16_t>(view, slot), upper, expected);
      if (!node) return damaged(number, "holds a broken entry");
      // The first key of a branch stands for everything below the second.
      const bool first = slot == header_size;
      const bool nameless = expected == branch_flag && first;
      if (!is_free_list && !first && !previous.empty() &&
          !std::ranges::lexicographical_compare(previous, node->key)) {
        return damaged(number, "has its entries in disorder");
      }
      previous = nameless ? ByteView{} : node->key;
      const auto checked = expected == branch_flag
                               ? walk_page(node->child, levels - 1, is_free_list)
                               : check_data(number, *node, is_free_list);
      if (!checked) return checked;
    }
    return {};
  }

  static std::optional<Node> read_node(ByteView page, std::size_t offset, std::size_t upper,
                                       std::uint16_t page_flag) {
    if (offset < upper || offset + node_header_size > page.size()) return std::nullopt;
    const auto lo = load<std::uint16_t>(page, offset);
    const auto hi = load<std::uint16_t>(page, offset + 2);
    const auto flags = load<std::uint16_t>(page, offset + 4);
    const std::size_t key_size = load<std::uint16_t>(page, offset + 6);
    const std::size_t data_at = offset + node_header_size + key_size;
    if (data_at > page.size()) return std::nullopt;
    Node node;
    node.key = page.subspan(offset + node_header_size, key_size);
    if (page_flag == branch_flag) {
      node.child = PageNumber{lo} | PageNumber{hi} << 16U | PageNumber{flags} << 32U;
      return node;
    }
    node.data_size = std::uint32_t{lo} | std::uint32_t{hi} << 16U;
    if ((flags & ~big_data_flag) != 0) return std::nullopt;  // No nested tables here.
    node.big = (flags & big_data_flag) != 0;
    const std::size_t in_page = node.big ? sizeof(PageNumber) : node.data_size;
    if (in_page > page.size() - data_at) return std::nullopt;
    node.data = page.subspan(data_at, in_page);
    if (node.big) node.overflow = load<PageNumber>(page, data_at);
    return node;
  }

  Result<void> check_data(PageNumber page, const Node& node, bool is_free_list) {
    if (!node.big) return is_free_list ? check_free_pages(page, node.data) : Result<void>{};
    std::array<std::uint8_t, header_size> header{};
    const std::uint64_t pages = (header_size + node.data_size - 1) / meta_.page_size + 1;
    if (auto claimed = claim(node.overflow, pages); !claimed) return claimed;
    const std::size_t at = node.overflow * meta_.page_size;
    if (auto read = read_at(at, header); !read) return read;
    const ByteView view = header;
    const int flags = load<std::uint16_t>(view, 10) & ~transient_flags;
    if (load<PageNumber>(view, 0) != node.overflow || flags != overflow_flag ||
        load<std::uint32_t>(view, 12) != pages) {
      return damaged(node.overflow, "is not what a large value begins with");
    }
    if (!is_free_list) return {};
    std::vector<std::uint8_t> list(node.data_size);
    if (auto read = read_at(at + header_size, list); !read) return read;
    return check_free_pages(page, list);
  }

  /// A page in the free list will be written over: it must not be in use.
  Result<void> check_free_pages(PageNumber page, ByteView list) {
    const std::size_t count = list.size() / sizeof(PageNumber);
    if (count == 0 || list.size() % sizeof(PageNumber) != 0 || load<PageNumber>(list, 0) >= count) {
      return damaged(page, "holds a broken list of free pages");
    }
    const auto listed = load<PageNumber>(list, 0);
    for (PageNumber i = 1; i <= listed; ++i) {
      const auto free_page = load<PageNumber>(list, i * sizeof(PageNumber));
      if (free_page < 2 || free_page > meta_.last_page ||
          (free_page < seen_.size() && seen_[free_page])) {
        return damaged(page, "calls a page free that is in use");
      }
    }
    return {};
  }

  int descriptor_;
  std::size_t file_size_;
  std::string name_;
  Meta meta_;
  std::vector<bool> seen_;
};

}  // namespace

Result<void> check_lmdb_file(const std::filesystem::path& file) {
  const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (descriptor.get() < 0 && errno == ENOENT) return {};
  struct stat status{};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0) {
    return fail(ErrorCode::io, "storage open",
                file.string() + ": " + std::system_category().message(errno));
  }
  if (status.st_size == 0) {
    return fail(ErrorCode::corrupt, "storage open",
                file.string() + ": is empty; remove it if it held nothing");
  }
  return Checker{descriptor.get(), static_cast<std::size_t>(status.st_size), file.string()}.run();
}

}  // namespace carillon::io
