#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

#include "base/notice.hpp"
#include "sip/sip_options.hpp"

namespace carillon::app {

/// A trunk as --sip-trunk names it: its URI, and words behind it. `invalid_argument` with what is
/// wrong.
[[nodiscard]] Result<sip::TrunkOptions> read_trunk(std::string_view text);

/// Gives the trunks the user names and passwords of a file, a line each: the trunk's URI as it was
/// given, the user name, and the password, which goes to the end of the line. '#' starts a comment.
/// `invalid_argument` names the line that is wrong, and nothing that stands in it.
[[nodiscard]] Result<void> read_trunk_passwords(std::string_view text,
                                                std::vector<sip::TrunkOptions>& trunks);

/// The same of the file itself; also the errors of `io::read_file`. A warning in the log if it is
/// open to everybody on this machine.
[[nodiscard]] Result<void> load_trunk_passwords(const std::filesystem::path& path,
                                                std::vector<sip::TrunkOptions>& trunks,
                                                const NoticeSink& log);

}  // namespace carillon::app
