#include <algorithm>
#include <chrono>
#include <utility>

#include "sip/registrar.hpp"

namespace carillon::sip {
namespace {

/// Publishing without a request behind it is tried so often before it waits for the next REGISTER.
constexpr std::uint32_t max_failures = 10;
constexpr seconds retry_interval{30};

/// Trouble that passes: the phone may try again soon (RFC 3261, 21.5.4). All else is ours.
bool is_passing(ErrorCode code) {
  return code == ErrorCode::not_joined || code == ErrorCode::unreachable ||
         code == ErrorCode::request_timeout || code == ErrorCode::busy ||
         code == ErrorCode::disk_full;
}

}  // namespace

void Registrar::enqueue(Item& item, AorOperation operation) {
  auto& waiting = item.second.rare().waiting;
  if (operation.server != TransactionId::none &&
      waiting.size() >= context_.options.limits.waiting_per_aor) {
    ++context_.counters.overloaded;
    return responder_.reply(operation.server, operation.incoming, 503);
  }
  ++operations_;
  // What was found before another operation has ended may be otherwise afterwards.
  if (item.second.busy) operation.located.reset();
  waiting.push_back(std::move(operation));
  run_next(item);
}

void Registrar::run_next(Item& item) {
  auto& record = item.second;
  if (record.busy || !record.has_waiting()) return;
  record.busy = true;
  if (record.more->waiting.front().only_publishes()) {
    return publish(item, {200, {}, record.bindings, record.more->removals, true});
  }
  if (auto located = std::exchange(record.more->waiting.front().located, {})) {
    return handle_located(item, *std::move(located));
  }
  ++context_.counters.lookups;
  locations_.lookup(item.first, [this, &item, alive = std::weak_ptr{context_.alive}](
                                    Result<std::vector<LocatedBinding>> located) {
    if (!alive.expired()) handle_located(item, std::move(located));
  });
}

void Registrar::handle_located(Item& item, Result<std::vector<LocatedBinding>> located) {
  auto& record = item.second;
  if (!located) return finish(item, &located.error());
  adopt(record, *located);
  confirm(record, *located);
  std::erase_if(*located, [&](const LocatedBinding& found) {
    return found.peer_id == context_.options.peer_id;
  });
  auto& more = record.rare();
  more.foreign = *std::move(located);
  const auto& operation = more.waiting.front();
  auto outcome =
      apply_register(record, more.foreign, operation.request, context_.options, context_.now);
  if (outcome.status != 200) return finish(item, nullptr, outcome.status, outcome.reason);
  if (!outcome.changed) return finish(item, nullptr);
  publish(item, std::move(outcome));
}

/// What we published before a restart still holds where no flow is needed: it must not be lost
/// because another phone of the user comes first.
void Registrar::adopt(AorRecord& record, const std::vector<LocatedBinding>& located) const {
  if (!record.bindings.empty() || record.dirty) return;
  for (const auto& found : located) {
    if (found.peer_id != context_.options.peer_id || !found.binding.flow_token.empty()) continue;
    const auto remote = received_address(found.binding.received);
    const auto* local = transports_.local_for(Transport::udp, remote.host);
    if (remote.port == 0 || local == nullptr) continue;
    record.bindings.emplace_back(found.binding, Hop{Transport::udp, local->id, remote, {}},
                                 context_.now);
  }
}

void Registrar::confirm(AorRecord& record, const std::vector<LocatedBinding>& located) const {
  for (auto& binding : record.bindings) {
    binding.set_confirmed(std::ranges::any_of(located, [&](const LocatedBinding& found) {
      return found.peer_id == context_.options.peer_id &&
             same_phone(binding.contact(), binding.instance(), binding.reg_id(),
                        found.binding.contact, found.binding.instance, found.binding.reg_id);
    }));
  }
}

void Registrar::reconcile(std::string_view aor, const std::vector<LocatedBinding>& located) {
  const auto found = records_.find(aor);
  // What is being published, or should be, is no surprise when it is missing.
  if (found == records_.end() || found->second.busy || found->second.dirty) return;
  confirm(found->second, located);
}

OwnEntry Registrar::entry_of(std::string_view aor, const std::vector<LocalBinding>& bindings,
                             std::vector<Removal> removals) const {
  OwnEntry entry;
  entry.bindings.reserve(bindings.size());
  for (const auto& binding : bindings) {
    entry.bindings.push_back(binding.published(aor, tokens_, context_.now.wall));
  }
  entry.removals = std::move(removals);
  if (const auto* local = transports_.first(Transport::tls_peer)) {
    entry.peer_address = local->advertised;
  }
  return entry;
}

seconds Registrar::stored_for(const AorRecord& record) const {
  seconds longest{0};
  for (const auto& binding : record.bindings) {
    longest =
        std::max(longest, std::chrono::ceil<seconds>(binding.stored_until() - context_.now.wall));
  }
  return longest;
}

void Registrar::publish(Item& item, RegisterOutcome outcome) {
  // While it is under way nobody knows what is stored: a failure may come after the fact.
  item.second.dirty = true;
  auto entry = entry_of(item.first, outcome.bindings, outcome.removals);
  // What takes the place of something must outlive it, wherever a copy of that may still lie: a
  // removal above all (RFC 6940, 7.4.1.3).
  auto lifetime =
      std::max({seconds{1}, entry.lifetime(context_.now.wall), stored_for(item.second)});
  // And what was stored without our hearing of it.
  if (entry.bindings.empty()) lifetime = std::max(lifetime, context_.options.min_stored_lifetime);
  ++context_.counters.publishes;
  locations_.publish(item.first, std::move(entry), lifetime,
                     [this, &item, outcome = std::move(outcome),
                      alive = std::weak_ptr{context_.alive}](Result<void> published) mutable {
                       if (!alive.expired()) handle_published(item, std::move(outcome), published);
                     });
}

void Registrar::handle_published(Item& item, RegisterOutcome outcome,
                                 const Result<void>& published) {
  auto& record = item.second;
  if (published) {
    record.dirty = false;
    record.bindings = std::move(outcome.bindings);
    auto& more = record.rare();
    more.removals = std::move(outcome.removals);
    more.failures = 0;
    std::erase_if(more.foreign, [&](const LocatedBinding& located) {
      return std::ranges::any_of(more.removals, [&](const Removal& removal) {
        return is_undone(located.binding, removal);
      });
    });
    note_flows(item);
    if (context_.bindings_changed) context_.bindings_changed(item.first);
    return finish(item, nullptr);
  }
  finish(item, &published.error());
}

void Registrar::finish(Item& item, const Error* error, int status, std::string_view reason) {
  auto& record = item.second;
  auto& more = record.rare();
  auto operation = std::move(more.waiting.front());
  more.waiting.pop_front();
  record.busy = false;
  --operations_;
  if (error != nullptr) {
    context_.notice(Severity::warning, "registrar: " + item.first + ": " + error->message());
    status = is_passing(error->code) ? 503 : 500;
  }
  if (operation.server != TransactionId::none) {
    if (status == 200) {
      send_bindings(item, operation.server, operation.incoming);
    } else {
      responder_.reply(operation.server, operation.incoming, status, reason);
    }
  }
  if (error != nullptr && record.dirty) {
    if (++more.failures <= max_failures) {
      make_appointment(item, context_.now.monotonic + retry_interval * more.failures);
    } else if (record.bindings.empty()) {
      record.dirty = false;
    }
  }
  if (more.waiting.empty() && more.foreign.empty() && more.removals.empty() && more.failures == 0) {
    record.more.reset();
  }
  look_after(item);
  if (operation.done) operation.done(error == nullptr ? Result<void>{} : std::unexpected(*error));
}

void Registrar::publish_changes(Item& item) {
  auto& record = item.second;
  record.dirty = true;
  const bool pending = record.has_waiting() && record.more->waiting.back().only_publishes() &&
                       (!record.busy || record.more->waiting.size() > 1);
  if (!pending) enqueue(item, {});
}

void Registrar::remove_all(std::string aor, Handler<void> done) {
  AorOperation operation;
  operation.request.remove_all = true;
  operation.done = std::move(done);
  enqueue(*records_.try_emplace(std::move(aor)).first, std::move(operation));
}

void Registrar::remove_foreign(std::string aor, const LocatedBinding& located) {
  if (records_.size() >= context_.options.limits.aors && !records_.contains(aor)) return;
  auto& item = *records_.try_emplace(std::move(aor)).first;
  auto& removals = item.second.rare().removals;
  const auto& binding = located.binding;
  const Removal removal{binding.contact, binding.instance, binding.reg_id, binding.updated,
                        binding.expires};
  if (std::ranges::find(removals, removal) != removals.end()) return;
  if (removals.size() >= context_.options.limits.bindings_per_aor) return;
  removals.push_back(removal);
  publish_changes(item);
}

}  // namespace carillon::sip
