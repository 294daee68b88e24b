#include "app/backup_service.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "app/backup_json.hpp"
#include "app/failure.hpp"
#include "sip/binding_key.hpp"
#include "usage/credentials/sealed_credential.hpp"
#include "usage/next_place.hpp"
#include "usage/sip/peer_entries.hpp"

namespace carillon::app {
namespace {

/// No binding comes back for longer: who is still there has registered again by then.
constexpr seconds longest_import{86'400};

bool is_same_phone(const sip::Binding& one, const sip::Binding& other) {
  return sip::same_phone(one.contact, one.instance, one.reg_id, other.contact, other.instance,
                         other.reg_id);
}

/// Something that is there makes `binding` superfluous: the same, as new, or its removal.
bool is_superseded(const sip::Binding& binding, const std::vector<sip::PeerEntry>& entries) {
  return std::ranges::any_of(entries, [&binding](const sip::PeerEntry& peer) {
    return std::ranges::any_of(peer.entry.removals,
                               [&](const auto& one) { return sip::is_undone(binding, one); }) ||
           std::ranges::any_of(peer.entry.bindings, [&](const sip::Binding& one) {
             return is_same_phone(binding, one) && one.updated >= binding.updated;
           });
  });
}

}  // namespace

/// A page that is being gathered.
struct BackupService::Page {
  KindId kind{};
  Json entries = Json::array();
  Done done{};
};

struct BackupService::Entry {
  std::string aor{};
  std::optional<sip::Credential> credential{};
  std::vector<sip::Binding> bindings{};
};

/// An import under way; `done` runs when nobody refers to it any more.
struct BackupService::Import {
  explicit Import(Done then) : done(std::move(then)) {}
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;
  ~Import() {
    done(Json{{"users", users},
              {"bindings", bindings},
              {"kept", kept},
              {"skipped", skipped},
              {"failed", failed},
              {"errors", std::move(errors)}});
  }
  void fail_entry(const std::string& aor, const Error& error) {
    constexpr std::size_t max_errors = 8;
    ++failed;
    if (errors.size() < max_errors) errors.push_back(aor + ": " + error.message());
  }

  std::size_t users{0};
  std::size_t bindings{0};
  std::size_t kept{0};
  std::size_t skipped{0};
  std::size_t failed{0};
  Json errors = Json::array();
  Done done;
};

void BackupService::export_page(KindId kind, ResourceId from, Done done) {
  auto page = std::make_shared<Page>();
  page->kind = kind;
  page->done = std::move(done);
  walk(std::move(page), from);
}

void BackupService::walk(std::shared_ptr<Page> page, const ResourceId& from) {
  const auto kind = page->kind;
  const auto finish = [page](const std::optional<ResourceId>& next) {
    Json result{{"entries", std::move(page->entries)}};
    if (next) result["next"] = next->to_hex();
    page->done(std::move(result));
  };
  node_.peer().find_next(from, kind, [=, this](Result<FindReport> found) {
    if (!found) return page->done(std::unexpected(found.error()));
    if (!found->resource || *found->resource < from) return finish(std::nullopt);
    const auto place = *found->resource;
    node_.peer().lookup_at(place, {KindId::carillon_credential, KindId::carillon_contacts},
                           [=, this](const Result<LookupReport>& report) {
                             if (!report) return page->done(std::unexpected(report.error()));
                             // A value may have gone meanwhile.
                             if (!report->values.empty())
                               page->entries.push_back(entry_of(*report));
                             const auto next = usage::next_place(place);
                             if (!next || page->entries.size() >= entries_per_page)
                               return finish(next);
                             walk(page, *next);
                           });
  });
}

BackupService::Json BackupService::entry_of(const LookupReport& report) const {
  // Each value is signed in the name of its user (7.3).
  const auto& aor = report.values.front().user;
  Json entry{{"aor", aor}};
  for (const auto& value : report.values) {
    if (value.kind != KindId::carillon_credential) continue;
    const auto credential = usage::open_credential(node_.operator_key(), aor, value.value);
    if (credential) entry["credential"] = backup_json(*credential);
  }
  Json bindings = Json::array();
  for (const auto& located :
       sip::merge_entries(usage::peer_entries(report).entries, node_.wall_time())) {
    auto binding = backup_json(located.binding);
    binding["served_by"] = located.peer_id;
    bindings.push_back(std::move(binding));
  }
  entry["bindings"] = std::move(bindings);
  return entry;
}

void BackupService::import_entries(const Json& entries, Done done) {
  if (!entries.is_array() || entries.size() > entries_per_import) {
    throw Failure("\"entries\" must be a list of at most " + std::to_string(entries_per_import));
  }
  std::vector<Entry> read;
  std::set<std::string> aors;
  for (const auto& json : entries) {
    Entry entry{.aor = json.at("aor").get<std::string>()};
    if (!aors.insert(entry.aor).second) throw Failure(entry.aor + " is named twice");
    if (json.contains("credential")) entry.credential = credential_from(json.at("credential"));
    for (const auto& binding : json.value("bindings", Json::array())) {
      entry.bindings.push_back(binding_from(binding));
      if (binding.value("only_through_peer", false)) entry.bindings.back().flow_token = "gone";
    }
    read.push_back(std::move(entry));
  }
  const auto import = std::make_shared<Import>(std::move(done));
  for (auto& entry : read)
    import_user(import, std::move(entry));
}

void BackupService::import_user(const std::shared_ptr<Import>& import, Entry entry) {
  if (!entry.credential) return import_bindings(import, std::move(entry));
  const auto aor = entry.aor;
  node_.credentials().find(
      aor, sip::UserQuestion::credential,
      [this, import, entry = std::move(entry)](const Result<sip::FoundUser>& found) mutable {
        if (found) return import_bindings(import, std::move(entry));  // His password stays.
        if (found.error().code != ErrorCode::not_found) {
          return import->fail_entry(entry.aor, found.error());
        }
        const auto name = entry.aor;
        const auto credential = *entry.credential;
        node_.credentials().restore(
            name, credential,
            [this, import, entry = std::move(entry)](const Result<void>& kept) mutable {
              if (!kept) return import->fail_entry(entry.aor, kept.error());
              ++import->users;
              import_bindings(import, std::move(entry));
            });
      });
}

void BackupService::import_bindings(const std::shared_ptr<Import>& import, Entry entry) {
  if (entry.bindings.empty()) return;
  const auto aor = entry.aor;
  node_.peer().lookup({aor, {KindId::carillon_contacts}}, [this, import, entry = std::move(entry)](
                                                              const Result<LookupReport>& report) {
    if (!report) return import->fail_entry(entry.aor, report.error());
    const auto live = node_.sip().own_entry(entry.aor);
    const auto now = node_.wall_time();
    auto entries = usage::peer_entries(*report).entries;
    sip::OwnEntry own;
    for (const auto& peer : entries) {
      if (peer.peer_id == node_.peer().node_id().to_hex()) own = peer.entry;
    }
    std::size_t added = 0;
    for (auto binding : entry.bindings) {
      if (binding.expires <= now || !binding.flow_token.empty()) {
        ++import->skipped;
      } else if ((live && !live->empty()) || is_superseded(binding, entries)) {
        ++import->kept;
      } else {
        binding.expires = std::min(binding.expires, now + longest_import);
        binding.granted_s =
            static_cast<std::uint32_t>(std::chrono::ceil<seconds>(binding.expires - now).count());
        std::erase_if(own.bindings, [&](const auto& one) { return is_same_phone(one, binding); });
        own.bindings.push_back(std::move(binding));
        ++added;
      }
    }
    if (added > 0) publish(import, entry.aor, std::move(own), added);
  });
}

void BackupService::publish(const std::shared_ptr<Import>& import, const std::string& aor,
                            sip::OwnEntry own, std::size_t added) {
  const auto lifetime = own.lifetime(node_.wall_time());
  node_.locations().publish(aor, std::move(own), lifetime,
                            [this, import, aor, added](const Result<void>& kept) {
                              if (!kept) return import->fail_entry(aor, kept.error());
                              import->bindings += added;
                              publish_live(aor);
                            });
}

/// A phone may have registered here while we published: what it was promised must be there.
void BackupService::publish_live(const std::string& aor) {
  const auto live = node_.sip().own_entry(aor);
  if (!live || live->empty()) return;
  node_.locations().publish(aor, *live, live->lifetime(node_.wall_time()), [](const auto&) {});
}

}  // namespace carillon::app
