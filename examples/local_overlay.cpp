// Carillon's DHT interface in one program: join, store, lookup, leave.
//
// It uses the overlay of one node, which needs no network, no certificates and no disk. An overlay
// of many nodes (carillon::peer::Peer) is the same class to whoever uses it.
#include "usage/local/local_overlay.hpp"

#include <chrono>
#include <cstdio>
#include <string>

#include <carillon/overlay.hpp>

#include "storage/memory_backend.hpp"

using namespace carillon;

namespace {

int failures = 0;

/// The core reads no clock: whoever drives it hands the time in.
Now read_clocks() {
  using namespace std::chrono;
  return {MonotonicTime{duration_cast<microseconds>(steady_clock::now().time_since_epoch())},
          WallTime{duration_cast<milliseconds>(system_clock::now().time_since_epoch())}};
}

void report(const char* what, const Error& error) {
  ++failures;
  std::printf("   %s failed: %s\n", what, error.message().c_str());
}

Bytes bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

// Everything below knows nothing but the Overlay interface.

void look_up(Overlay& overlay, const std::string& name) {
  overlay.lookup({name, {KindId::carillon_credential}}, [name](Result<LookupReport> found) {
    if (!found) return report("lookup", found.error());
    if (found->values.empty()) std::printf("   nothing at %s\n", name.c_str());
    for (const auto& value : found->values) {
      std::printf("   %s holds '%s', stored by %s at node %s, for %lld more seconds\n",
                  name.c_str(), std::string{value.value.begin(), value.value.end()}.c_str(),
                  value.user.c_str(), value.node.to_hex().c_str(),
                  static_cast<long long>(value.lifetime.count()));
    }
  });
}

void store(Overlay& overlay, const std::string& name, const std::string& user,
           const std::string& text) {
  StoreRequest request{.resource_name = name, .user = user, .values = {}};
  request.values.push_back({.kind = KindId::carillon_credential, .value = bytes(text)});
  overlay.store(std::move(request), [&overlay, name](Result<StoreReport> stored) {
    if (!stored && stored.error().code == ErrorCode::forbidden) {
      std::printf("   refused, as it should be: %s\n", stored.error().detail.c_str());
      return;
    }
    if (!stored) return report("store", stored.error());
    std::printf("   stored, and held by %u further nodes\n", stored->replicas);
    look_up(overlay, name);  // A handler may call again.
  });
}

}  // namespace

int main() {
  // What the overlay keeps, and who may write it: here one Kind, which only the user named by the
  // resource may write (USER-MATCH).
  storage::KindTable kinds;
  kinds.add(KindId::carillon_credential,
            {wire::DataModel::single_value, "USER-MATCH", 1, /*max_size=*/1024});
  storage::MemoryBackend backend;
  const auto id = NodeId::from_hex("c0ffee00c0ffee00c0ffee00c0ffee00");
  if (!id) return 1;
  usage::LocalOverlay overlay{*id, backend, std::move(kinds)};

  // A program with an event loop calls these two once a turn.
  const auto run = [&](const char* step, auto&& use) {
    std::printf("%s\n", step);
    overlay.handle_time(read_clocks());
    use();
    for (int turn = 0; turn < 4; ++turn) {
      overlay.handle_time(read_clocks());
      overlay.run_completions();
    }
  };

  run("1. Joining", [&] {
    overlay.join([](Result<void> joined) {
      if (!joined) return report("join", joined.error());
      std::printf("   joined\n");
    });
  });
  run("2. Storing something for alice, and looking it up",
      [&] { store(overlay, "alice@example.org", "alice@example.org", "hello"); });
  run("3. Storing again replaces",
      [&] { store(overlay, "alice@example.org", "alice@example.org", "hello again"); });
  run("4. Nobody writes at alice's place but alice",
      [&] { store(overlay, "alice@example.org", "mallory@example.org", "gotcha"); });
  run("5. Nothing was ever stored for bob", [&] { look_up(overlay, "bob@example.org"); });
  run("6. Leaving", [&] {
    overlay.leave([](Result<void> left) {
      if (!left) return report("leave", left.error());
      std::printf("   left\n");
    });
  });
  return failures == 0 ? 0 : 1;
}
