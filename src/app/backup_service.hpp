#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/node.hpp"

namespace carillon::app {

/// Reads all users and bindings of the overlay, page by page, and puts them back: what `carillon
/// export` and `import` ask of a peer, any peer. An entry is
///
///   {"aor":"alice@example.org",
///    "credential":{"sha256":HEX,"md5":HEX,"sha256_with_domain":HEX,"md5_with_domain":HEX},
///    "bindings":[{"contact":URI,"q":0..1000,"expires_ms":..,"updated_ms":..,"call_id":..,"cseq":..,
///                 "instance":..,"reg_id":..,"path":[..],"only_through_peer":false}]}
///
/// "credential" is missing where there is no such user (any more). It serves to log in: a secret.
class BackupService {
 public:
  using Json = nlohmann::ordered_json;
  using Done = std::function<void(Result<Json>)>;

  static constexpr std::size_t entries_per_page = 64;
  static constexpr std::size_t entries_per_import = 64;

  explicit BackupService(Node& node) : node_(node) {}

  /// The resources that hold `kind` (carillon_credential: the users; carillon_contacts: whoever has
  /// bindings), from `from` on: {"entries":[..],"next":HEX}; without "next" these were the last.
  void export_page(KindId kind, ResourceId from, Done done);

  /// Adds what is missing; what is there stays, if it is as new. {"users":n,"bindings":n,
  /// "kept":n,"skipped":n,"failed":n,"errors":[..]}: `kept` are bindings that were there already,
  /// or have been removed since; `skipped` those that have expired or hang on a connection.
  /// Throws Failure if `entries` is not as above, or names an AOR twice.
  void import_entries(const Json& entries, Done done);

 private:
  struct Page;
  struct Import;
  struct Entry;

  void walk(std::shared_ptr<Page> page, const ResourceId& from);
  [[nodiscard]] Json entry_of(const LookupReport& report) const;
  void import_user(const std::shared_ptr<Import>& import, Entry entry);
  void import_bindings(const std::shared_ptr<Import>& import, Entry entry);
  void publish(const std::shared_ptr<Import>& import, const std::string& aor, sip::OwnEntry own,
               std::size_t added);
  void publish_live(const std::string& aor);

  Node& node_;
};

}  // namespace carillon::app
