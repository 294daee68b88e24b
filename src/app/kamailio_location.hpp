#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace carillon::app {

/// Kamailio's `location` table (usrloc) as text: a line a row, columns separated by tabs, their
/// names in the first line. That is what `mysql --batch -e 'SELECT * FROM location'` and
/// PostgreSQL's `COPY ... WITH (FORMAT text, HEADER)` write, and what LOAD DATA and COPY read: \t,
/// \n and \\ stand for themselves, \N (or NULL) for no value.
class KamailioLocation {
 public:
  /// How Kamailio's database has times: Kamailio writes its machine's local time.
  enum class Times : std::uint8_t { local, utc };

  explicit KamailioLocation(Times times) : times_(times) {}

  /// For writing: the first line, and a row for each binding of a backup's entry that Kamailio
  /// could reach; the others are counted in `skipped`.
  [[nodiscard]] static std::string header();
  [[nodiscard]] std::string rows(const nlohmann::ordered_json& entry, std::size_t& skipped);

  /// For reading: the first line. Throws Failure if a column that is needed is missing.
  void read_header(std::string_view line);
  /// A further line as a backup's entry with one binding; nothing if only Kamailio itself can
  /// reach the phone, since it hangs on a connection or is behind a NAT. `domain` for rows that
  /// have none (Kamailio's use_domain=0). Throws Failure.
  [[nodiscard]] std::optional<nlohmann::ordered_json> read_row(std::string_view line,
                                                               const std::string& domain) const;

 private:
  Times times_;
  std::vector<std::string> columns_;
  std::uint64_t rows_{0};
};

}  // namespace carillon::app
