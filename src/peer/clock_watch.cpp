#include "peer/clock_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "peer/core.hpp"
#include "wire/ping.hpp"

namespace carillon::peer {
namespace {

/// "3600 s behind".
std::string clock_text(milliseconds behind) {
  const auto whole = std::chrono::round<seconds>(std::chrono::abs(behind)).count();
  return std::to_string(whole) + (behind < milliseconds{0} ? " s ahead of" : " s behind");
}

}  // namespace

ClockWatch::ClockWatch(PeerCore& core) : core_(core), again_(core.timers) {}

void ClockWatch::handle_link_up() {
  if (again_.is_set()) return;
  again_.set(core_.now.monotonic + first_of_newcomer, [this](Now) {
    if (!core_.is_member()) return ask_all();
    again_.set(core_.now.monotonic + first_of_member, [this](Now) { ask_all(); });
  });
}

void ClockWatch::handle_link_down(const NodeId& node) {
  asked_.erase(node);
  if (ahead_.erase(node) != 0 && !ahead_.empty()) judge();
}

void ClockWatch::ask_all() {
  asked_.clear();
  for (const NodeId& node : core_.forwarding.links().connected_nodes()) {
    if (asked_.size() == sample) break;
    asked_.insert(node);
    ask(node);
  }
  // Who still waits for being let in asks again soon: its links come and go.
  const auto pause = core_.is_member() ? again_after : first_of_newcomer;
  again_.set(core_.now.monotonic + pause, [this](Now) { ask_all(); });
}

void ClockWatch::ask(const NodeId& node) {
  core_.transport.request(
      core_.now, {node}, wire::PingReq{},
      {.on_link_down = transport::OnLinkDown::fail, .max_sends = 1},
      [this, node, asked = core_.now](
          Now at, const std::expected<transport::Response, transport::RequestFailure>& outcome) {
        if (!outcome || at.monotonic - asked.monotonic > slowest_answer) return;
        const auto answer = wire::decode_whole<wire::PingAns>(outcome->contents.message_body);
        if (!answer || outcome->signer.node_id != node) return;
        // A time that is centuries away is no less wrong than one of a year.
        constexpr std::uint64_t latest = 1ULL << 52U;
        const auto theirs = static_cast<std::int64_t>(std::min(answer->time, latest));
        const auto passed =
            std::chrono::duration_cast<milliseconds>(at.monotonic - asked.monotonic);
        const auto ours = static_cast<std::int64_t>(to_milliseconds(at.wall)) - passed.count() / 2;
        measured(node, milliseconds{theirs - ours});
      });
}

void ClockWatch::measured(const NodeId& node, milliseconds ahead) {
  const auto known = ahead_.find(node);
  const bool news = known == ahead_.end() || std::chrono::abs(known->second) <= tolerated;
  ahead_.insert_or_assign(node, ahead);
  const auto own = status();
  if (std::chrono::abs(ahead) > tolerated && news && !own.wrong) {
    core_.notice(Severity::warning, "the clock of node " + node.to_hex() + " is " +
                                        clock_text(-ahead) + " ours and others'");
  }
  judge();
}

void ClockWatch::judge() {
  const auto own = status();
  if (own.wrong == told_) return;
  told_ = own.wrong;
  if (!own.wrong) return core_.notice(Severity::info, "our clock is right again");
  core_.notice(
      Severity::error,
      "our clock is " + clock_text(own.behind) + " the others' (of " +
          std::to_string(own.compared) +
          " peers): set it, or values are refused and this peer may not get into the ring");
}

ClockStatus ClockWatch::status() const {
  std::vector<milliseconds> sorted;
  for (const auto& [node, ahead] : ahead_)
    sorted.push_back(ahead);
  ClockStatus status{.compared = sorted.size()};
  if (!sorted.empty()) {
    std::ranges::sort(sorted);
    const auto upper = sorted[sorted.size() / 2];
    const auto lower = sorted[(sorted.size() - 1) / 2];
    // Of two, one alone may be wrong: then it is not us.
    status.behind = std::chrono::abs(lower) < std::chrono::abs(upper) ? lower : upper;
  }
  // The first answer may be that of the one whose clock is wrong: most have to have answered.
  const bool most = 2 * status.compared > asked_.size();
  status.wrong = most && std::chrono::abs(status.behind) > tolerated;
  return status;
}

std::string ClockWatch::remark() const {
  const auto own = status();
  if (!own.wrong) return {};
  return "; our clock is " + clock_text(own.behind) + " the others'";
}

}  // namespace carillon::peer
