#pragma once

#include <functional>
#include <vector>

#include <carillon/overlay.hpp>

namespace carillon::usage::test {

/// Passes everything on, notes what is stored, and fails, forgets or changes when told to.
class WatchedOverlay final : public Overlay {
 public:
  explicit WatchedOverlay(Overlay& behind) : behind_(behind) {}

  std::vector<StoreRequest> stores;
  std::size_t lookups{0};
  unsigned failing_lookups{0};
  unsigned failing_stores{0};
  std::function<void()> on_lookup;

  void change_ring() {
    if (changed_) changed_();
  }
  /// The contact list at a name is lost, as if its peer and all replicas had died.
  void forget(const std::string& name) {
    StoreRequest request{.resource_name = name, .user = name, .values = {}};
    const auto id = behind_.node_id();
    request.values.push_back({.kind = KindId::carillon_contacts,
                              .position = Bytes{id.bytes().begin(), id.bytes().end()},
                              .exists = false});
    behind_.store(std::move(request), [](Result<StoreReport>) {});
  }

  void join(Handler<void> done) override { behind_.join(std::move(done)); }
  void leave(Handler<void> done) override { behind_.leave(std::move(done)); }
  void lookup(LookupRequest request, Handler<LookupReport> done) override {
    ++lookups;
    if (on_lookup) on_lookup();
    if (failing_lookups > 0) {
      --failing_lookups;
      request.kinds = {KindId{0xffffffff}};  // Refused, and later, as every error is.
    }
    behind_.lookup(std::move(request), std::move(done));
  }
  void lookup_at(ResourceId resource, std::vector<KindId> kinds,
                 Handler<LookupReport> done) override {
    behind_.lookup_at(std::move(resource), std::move(kinds), std::move(done));
  }
  void store(StoreRequest request, Handler<StoreReport> done) override {
    stores.push_back(request);
    if (failing_stores > 0) {
      --failing_stores;
      request.user = "nobody";
    }
    behind_.store(std::move(request), std::move(done));
  }
  void find_next(ResourceId from, KindId kind, Handler<FindReport> done) override {
    behind_.find_next(std::move(from), kind, std::move(done));
  }
  void on_ring_change(std::move_only_function<void()> changed) override {
    changed_ = std::move(changed);
  }
  [[nodiscard]] ResourceId resource_id(const std::string& name) const override {
    return behind_.resource_id(name);
  }
  [[nodiscard]] NodeId node_id() const override { return behind_.node_id(); }

 private:
  Overlay& behind_;
  std::move_only_function<void()> changed_;
};

}  // namespace carillon::usage::test
