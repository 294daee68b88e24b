#pragma once

#include <filesystem>

#include <carillon/error.hpp>

namespace carillon::io {

/// Looks through the structure of an LMDB 0.9 file before LMDB maps it: LMDB trusts what it maps,
/// so that a damaged page crashes the process, or worse, is written to.
///
/// Reads all pages in use once. Good if the file is not there. `corrupt` names the page and what
/// is wrong with it; `io` if the file cannot be read. What the values hold is Storage's to check.
[[nodiscard]] Result<void> check_lmdb_file(const std::filesystem::path& file);

}  // namespace carillon::io
