#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "app/commands.hpp"
#include "app/control_client.hpp"
#include "app/failure.hpp"
#include "app/kamailio_location.hpp"

namespace carillon::app {
namespace {

using BackupLine = nlohmann::ordered_json;

/// What a peer takes at once: entries, and octets of a line of its control socket.
constexpr std::size_t batch_entries = 32;
constexpr std::size_t batch_octets = 40U << 10;

struct BackupOptions {
  std::filesystem::path control;
  std::string file{"-"};
  std::string format{"json"};
  std::string times{"local"};
  std::string domain;
  [[nodiscard]] KamailioLocation kamailio() const {
    return KamailioLocation(times == "utc" ? KamailioLocation::Times::utc
                                           : KamailioLocation::Times::local);
  }
};

/// Runs `use` with every entry of the overlay that has a value of `kind`.
template <typename Use>
void for_each_entry(const std::filesystem::path& control, const char* kind, Use use) {
  BackupLine request{{"command", "export"}, {"kind", kind}};
  while (true) {
    const auto page = ask_peer(control, request);
    for (const auto& entry : page.at("entries"))
      use(entry);
    if (!page.contains("next")) return;
    request["from"] = page.at("next");
  }
}

/// Where an export goes; a file of which half is written is not left under its name.
class BackupOutput {
 public:
  explicit BackupOutput(const std::string& file) : file_(file) {
    if (file_ == "-") return;
    const auto before = ::umask(0077);  // Credentials are in it.
    stream_.open(file_ + ".part", std::ios::trunc);
    ::umask(before);
    check();
  }
  void write(const std::string& text) {
    (file_ == "-" ? std::cout : static_cast<std::ostream&>(stream_)) << text;
  }
  void finish() {
    if (file_ == "-") {
      std::cout.flush();
      if (!std::cout) throw Failure("stdout cannot be written");
      return;
    }
    stream_.close();
    check();
    std::filesystem::rename(file_ + ".part", file_);
  }

 private:
  void check() const {
    if (!stream_) throw Failure(file_ + ": cannot be written");
  }
  std::string file_;
  std::ofstream stream_;
};

void export_json(const BackupOptions& options, BackupOutput& out) {
  std::set<std::string> users;
  for_each_entry(options.control, "users", [&](const BackupLine& entry) {
    users.insert(entry.at("aor").get<std::string>());
    out.write(entry.dump() + "\n");
  });
  // Whoever has bindings, but is no user (any more), is not walked by then.
  for_each_entry(options.control, "bindings", [&](const BackupLine& entry) {
    const bool has_bindings = !entry.at("bindings").empty();
    if (has_bindings && !users.contains(entry.at("aor").get<std::string>())) {
      out.write(entry.dump() + "\n");
    }
  });
}

void export_kamailio(const BackupOptions& options, BackupOutput& out) {
  auto table = options.kamailio();
  std::size_t skipped = 0;
  out.write(KamailioLocation::header());
  for_each_entry(options.control, "bindings",
                 [&](const BackupLine& entry) { out.write(table.rows(entry, skipped)); });
  if (skipped > 0) {
    std::fprintf(stderr, "left out: %zu bindings that hang on a connection to a peer\n", skipped);
  }
}

void run_export(const BackupOptions& options) {
  BackupOutput out(options.file);
  if (options.format == "kamailio") {
    export_kamailio(options, out);
  } else {
    export_json(options, out);
  }
  out.finish();
}

/// Gathers entries and sends them to the peer; adds its answers up.
class Importer {
 public:
  explicit Importer(std::filesystem::path control) : control_(std::move(control)) {}

  void add(BackupLine entry) {
    const auto size = entry.dump().size();
    const auto aor = entry.at("aor").get<std::string>();
    // Kamailio has a row for each binding: those of one AOR belong together.
    const bool full = batch_.size() == batch_entries || octets_ + size > batch_octets;
    if (full || aors_.contains(aor)) {
      if (!full && !batch_.empty() && batch_.back().at("aor") == aor) {
        for (auto& binding : entry.at("bindings"))
          batch_.back().at("bindings").push_back(std::move(binding));
        octets_ += size;
        return;
      }
      send();
    }
    aors_.insert(aor);
    octets_ += size;
    batch_.push_back(std::move(entry));
  }
  void skip() { ++skipped_; }

  void send() {
    if (batch_.empty()) return;
    const auto report = ask_peer(control_, {{"command", "import"}, {"entries", batch_}});
    for (const char* name : {"users", "bindings", "kept", "skipped", "failed"})
      totals_[name] += report.at(name).get<std::size_t>();
    for (const auto& error : report.at("errors"))
      std::fprintf(stderr, "%s\n", error.get<std::string>().c_str());
    batch_.clear();
    aors_.clear();
    octets_ = 0;
  }

  void report() {
    totals_["skipped"] += skipped_;
    std::printf(
        "imported: %zu users, %zu bindings; there already or removed since: %zu; expired or "
        "on a connection: %zu; failed: %zu\n",
        totals_["users"], totals_["bindings"], totals_["kept"], totals_["skipped"],
        totals_["failed"]);
    if (totals_["failed"] > 0) throw CLI::RuntimeError(1);
  }

 private:
  std::filesystem::path control_;
  std::vector<BackupLine> batch_;
  std::set<std::string> aors_;
  std::size_t octets_{0};
  std::size_t skipped_{0};
  std::map<std::string, std::size_t> totals_;
};

void import_lines(const BackupOptions& options, std::istream& lines, Importer& importer) {
  const bool is_table = options.format == "kamailio";
  auto table = options.kamailio();
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    try {
      if (!is_table) {
        importer.add(BackupLine::parse(line));
      } else if (number == 1) {
        table.read_header(line);
      } else if (auto entry = table.read_row(line, options.domain)) {
        importer.add(*std::move(entry));
      } else {
        importer.skip();
      }
    } catch (const BackupLine::exception&) {
      throw Failure(options.file + ", line " + std::to_string(number) +
                    ": is no entry of a backup");
    } catch (const Failure& failure) {
      throw Failure(options.file + ", line " + std::to_string(number) + ": " + failure.what());
    }
  }
  importer.send();
}

void run_import(const BackupOptions& options) {
  Importer importer(options.control);
  if (options.file == "-") {
    import_lines(options, std::cin, importer);
  } else {
    std::ifstream file(options.file);
    if (!file) throw Failure(options.file + ": cannot be read");
    import_lines(options, file, importer);
  }
  importer.report();
}

void add_backup_options(CLI::App& command, BackupOptions& options) {
  command.add_option("--control", options.control, "The control socket of a running peer")
      ->required()
      ->envname("CARILLON_CONTROL")
      ->type_name("PATH");
  command
      .add_option("--format", options.format,
                  "json: users and bindings, a line each; kamailio: its location table, columns\n"
                  "separated by tabs, names in the first line")
      ->check(CLI::IsMember({"json", "kamailio"}))
      ->capture_default_str()
      ->type_name("FORMAT");
  command
      .add_option("--times", options.times,
                  "kamailio: local or utc; Kamailio writes its machine's local time")
      ->check(CLI::IsMember({"local", "utc"}))
      ->capture_default_str()
      ->type_name("ZONE");
}

}  // namespace

void add_backup_commands(CLI::App& program) {
  auto* out = program.add_subcommand("export", "All users and bindings of the overlay, as text");
  const auto to = std::make_shared<BackupOptions>();
  out->add_option("file", to->file, "Where to write (default: stdout); only you may read it")
      ->type_name("FILE");
  add_backup_options(*out, *to);
  out->callback([to] { run_export(*to); });

  auto* in = program.add_subcommand("import", "Add users and bindings that are missing");
  const auto from = std::make_shared<BackupOptions>();
  in->add_option("file", from->file, "What 'export' wrote, or - for stdin")
      ->required()
      ->type_name("FILE");
  in->add_option("--domain", from->domain, "kamailio: of rows that have none")->type_name("DOMAIN");
  add_backup_options(*in, *from);
  in->callback([from] { run_import(*from); });
}

}  // namespace carillon::app
