#pragma once

#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <carillon/overlay.hpp>

#include "app/backup_service.hpp"
#include "app/leaving.hpp"
#include "app/node.hpp"

namespace carillon::app {

/// The commands that a running peer takes over its control socket. One line of JSON each:
///
///   {"command":"status"[,"count":true]}          (with how many resources of each Kind are stored)
///   {"command":"lookup","name":AOR[,"kind":KIND]}
///   {"command":"store","name":..,"kind":..,"text":..|"hex":..|"exists":false[,"key":HEX|"index":N]
///                     [,"user":..][,"lifetime":SECONDS]}
///   {"command":"user_add","aor":..,"password":..}  user_remove  user_list
///   {"command":"export","kind":"users"|"bindings"[,"from":HEX]}
///   {"command":"import","entries":[..]}                         (backup_service.hpp has both)
///   {"command":"leave"}
///
/// and as answer {"ok":true,"result":{..}} or {"ok":false,"code":..,"error":".."}.
class ControlService {
 public:
  using Json = nlohmann::ordered_json;
  using Reply = std::function<void(std::string line)>;
  /// Starts to leave; `done` runs when the overlay is left.
  using Leave = std::function<void(std::function<void(Result<void>)> done)>;

  using Progress = std::function<Leaving::Progress()>;

  ControlService(Node& node, Leave leave, Progress progress)
      : node_(node), backup_(node), leave_(std::move(leave)), progress_(std::move(progress)) {}

  void handle(const std::string& line, Reply reply);

 private:
  void status(const Json& request, const Reply& reply);
  [[nodiscard]] Json status();
  void lookup(const Json& request, const Reply& reply);
  void lookup_kind(const std::string& name, KindId kind, const Reply& reply);
  void store(const Json& request, const Reply& reply);
  void user_add(const Json& request, const Reply& reply);
  void user_remove(const Json& request, const Reply& reply);
  void user_list(const Reply& reply);
  void more_users(std::shared_ptr<Json> users, std::optional<ResourceId> from, Reply reply);
  void export_page(const Json& request, const Reply& reply);
  void import_entries(const Json& request, const Reply& reply);
  void leave(const Reply& reply);
  [[nodiscard]] KindId kind_of(const Json& request) const;

  Node& node_;
  BackupService backup_;
  Leave leave_;
  Progress progress_;
};

}  // namespace carillon::app
