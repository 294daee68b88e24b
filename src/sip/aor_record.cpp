#include "sip/aor_record.hpp"

#include <algorithm>
#include <functional>
#include <ranges>

namespace carillon::sip {
namespace {

/// The state while the contacts of one REGISTER are gone through.
class Update {
 public:
  Update(const AorRecord& record, const std::vector<LocatedBinding>& foreign,
         const RegisterRequest& request, const SipOptions& options, Now now)
      : foreign_(foreign), request_(request), options_(options), now_(now) {
    out_.bindings = record.bindings;
    if (record.more) out_.removals = record.more->removals;
    out_.changed = record.dirty;
    std::erase_if(out_.removals,
                  [&](const Removal& removal) { return removal.expires <= now.wall; });
  }

  RegisterOutcome run() && {
    if (request_.remove_all) {
      remove_all();
    } else {
      for (const auto& contact : request_.contacts) {
        if (!is_in_order(contact)) return refuse(500, "Registration out of order");
        if (contact.expires.count() == 0) {
          remove(contact);
        } else {
          add(contact);
        }
      }
      if (!make_room()) return refuse(403, "Too many contacts");
    }
    return std::move(out_);
  }

 private:
  static RegisterOutcome refuse(int status, std::string_view reason) {
    RegisterOutcome out;
    out.status = status;
    out.reason = reason;
    return out;
  }

  [[nodiscard]] static bool means(const RegisterContact& contact, const LocatedBinding& located) {
    return same_phone(contact.uri_text, contact.instance, contact.reg_id, located.binding.contact,
                      located.binding.instance, located.binding.reg_id);
  }

  /// A request with the Call-ID of the binding must have a higher CSeq number.
  [[nodiscard]] bool is_in_order(const RegisterContact& contact) const {
    const bool late_here = std::ranges::any_of(out_.bindings, [&](const LocalBinding& binding) {
      return binding.call_id() == request_.call_id && request_.cseq <= binding.cseq() &&
             binding.matches(contact);
    });
    const bool late_there = std::ranges::any_of(foreign_, [&](const LocatedBinding& located) {
      return located.binding.call_id == request_.call_id && request_.cseq <= located.binding.cseq &&
             means(contact, located);
    });
    return !late_here && !late_there;
  }

  /// Whether no more contacts are left than a user may have. What hangs on a flow to another peer
  /// may be dead without our knowing, with its peer or its phone: the oldest of that gives way, or
  /// the user's phones could not come back from a peer that has died.
  bool make_room() {
    auto standing = standing_elsewhere();
    const auto limit = options_.limits.bindings_per_aor;
    const auto count = out_.bindings.size() + standing.size();
    if (count <= limit) return true;
    const auto excess = static_cast<std::ptrdiff_t>(count - limit);
    std::erase_if(standing, [](const Binding* binding) { return binding->flow_token.empty(); });
    if (std::ssize(standing) < excess) return false;
    std::ranges::sort(standing, std::less{}, &Binding::updated);
    for (const auto* binding : standing | std::views::take(excess))
      undo(*binding);
    return true;
  }

  /// Those of other peers that nothing here takes the place of.
  [[nodiscard]] std::vector<const Binding*> standing_elsewhere() const {
    std::vector<const Binding*> standing;
    for (const auto& located : foreign_) {
      const auto& other = located.binding;
      const bool undone = std::ranges::any_of(
          out_.removals, [&](const Removal& removal) { return is_undone(other, removal); });
      const bool replaced = std::ranges::any_of(out_.bindings, [&](const LocalBinding& own) {
        return same_phone(own.contact(), own.instance(), own.reg_id(), other.contact,
                          other.instance, other.reg_id);
      });
      if (!undone && !replaced) standing.push_back(&other);
    }
    return standing;
  }

  void add(const RegisterContact& contact) {
    const auto made = made_at(contact);
    undo_foreign(contact);
    LocalBinding binding{
        request_, contact, {now_.monotonic, made}, stored_lifetime(contact.expires, options_)};
    const auto found = std::ranges::find_if(
        out_.bindings, [&](const LocalBinding& known) { return known.matches(contact); });
    if (found == out_.bindings.end()) {
      out_.bindings.push_back(std::move(binding));
    } else {
      *found = std::move(binding);
    }
    out_.changed = true;
  }

  void remove(const RegisterContact& contact) {
    const auto gone = std::erase_if(
        out_.bindings, [&](const LocalBinding& known) { return known.matches(contact); });
    if (gone != 0) out_.changed = true;
    undo_foreign(contact);
  }

  /// What this phone has registered through other peers is over, and must not come to light again
  /// when what it registers here is removed. Of no use is "now": by a clock that is behind ours the
  /// phone could register nothing there for a while.
  void undo_foreign(const RegisterContact& contact) {
    for (const auto& located : foreign_) {
      if (means(contact, located)) undo(located.binding);
    }
  }

  void undo(const Binding& binding) {
    add_removal(
        {binding.contact, binding.instance, binding.reg_id, binding.updated, binding.expires});
  }

  /// Now, but after all that we know of this phone: the clock of whoever wrote that may be ahead of
  /// ours, or ours may have been turned back.
  [[nodiscard]] WallTime made_at(const RegisterContact& contact) const {
    WallTime last = now_.wall - milliseconds{1};
    for (const auto& located : foreign_) {
      if (means(contact, located)) last = std::max(last, located.binding.updated);
    }
    for (const auto& known : out_.bindings) {
      if (known.matches(contact)) last = std::max(last, known.updated());
    }
    for (const auto& removal : out_.removals) {
      const bool all = removal.contact.empty() && removal.instance.empty();
      if (all || same_phone(contact.uri_text, contact.instance, contact.reg_id, removal.contact,
                            removal.instance, removal.reg_id)) {
        last = std::max(last, removal.at);
      }
    }
    return last + milliseconds{1};
  }

  void remove_all() {
    if (!out_.bindings.empty()) out_.changed = true;
    out_.bindings.clear();
    WallTime at{};
    WallTime last{};
    for (const auto& located : foreign_) {
      at = std::max(at, after(located));
      last = std::max(last, located.binding.expires);
    }
    if (!foreign_.empty()) add_removal({{}, {}, 0, at, last});
  }

  /// Now, but not before the binding was made: the other peer's clock may be ahead of ours.
  [[nodiscard]] WallTime after(const LocatedBinding& located) const {
    return std::max(now_.wall, located.binding.updated);
  }

  void add_removal(Removal removal) {
    std::erase_if(out_.removals, [&](const Removal& known) {
      return known.contact == removal.contact && known.instance == removal.instance &&
             known.reg_id == removal.reg_id;
    });
    out_.removals.push_back(std::move(removal));
    // Old ones give way: what they undid has most likely been renewed or expired.
    if (out_.removals.size() > options_.limits.bindings_per_aor) {
      out_.removals.erase(out_.removals.begin());
    }
    out_.changed = true;
  }

  const std::vector<LocatedBinding>& foreign_;
  const RegisterRequest& request_;
  const SipOptions& options_;
  Now now_;
  RegisterOutcome out_;
};

}  // namespace

RegisterOutcome apply_register(const AorRecord& record, const std::vector<LocatedBinding>& foreign,
                               const RegisterRequest& request, const SipOptions& options, Now now) {
  return Update{record, foreign, request, options, now}.run();
}

seconds stored_lifetime(seconds granted, const SipOptions& options) {
  return std::max(options.min_stored_lifetime, 2 * granted);
}

}  // namespace carillon::sip
