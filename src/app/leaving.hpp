#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "app/node.hpp"

namespace carillon::app {

/// Leaves the overlay in order (DESIGN.md, 'Leaving'): takes no more registrations, lets running
/// transactions end, meanwhile closes the phones' connections, some at a time (FarewellPace), so
/// that they register elsewhere; takes back the other bindings that only we can reach (both for a
/// bounded time), hands the data on and says goodbye.
class Leaving {
 public:
  /// A call that rings is not worth waiting longer for; the peer's own deadlines come on top.
  /// Longer than FarewellPace::within.
  static constexpr milliseconds transactions_within{10'000};
  /// What is still there then costs a caller the attempt to reach us.
  static constexpr milliseconds withdrawn_within{5'000};

  Leaving(io::EventLoop& loop, Node& node);

  /// Idempotent; every `done` runs, once the overlay is left or that failed.
  void start(std::function<void(Result<void>)> done);
  [[nodiscard]] bool started() const { return stage_ != Stage::not_started; }
  [[nodiscard]] bool finished() const { return stage_ == Stage::finished; }
  /// Once finished: how it went.
  [[nodiscard]] const Result<void>& result() const { return *left_; }
  /// Goes on when something that was waited for has happened: to be called every turn. True if it
  /// has done something.
  bool advance();

  enum class Stage : std::uint8_t {
    not_started,
    ending_transactions,
    withdrawing,
    handing_on,
    finished
  };
  /// What a stage still waits for. Of those not reached yet all that is known now.
  struct Progress {
    Stage stage{};
    milliseconds elapsed{};      ///< Since the start.
    std::size_t transactions{};  ///< SIP transactions.
    std::size_t phones{};        ///< Connections of phones.
    std::size_t withdrawals{};   ///< Bindings to be taken back.
    std::size_t transfers{};     ///< Ranges to be handed on, or under way.
    std::uint64_t handed_on{};   ///< Resources sent in transfers since the start.
  };
  [[nodiscard]] Progress progress();

 private:
  /// The stage that begins may take so long.
  void allow(milliseconds time);
  void send_phones_away();
  void withdraw();
  void hand_on();
  void finish(Result<void> left);

  Node& node_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_batch_;
  bool out_of_time_{false};
  bool withdrawn_{false};
  Stage stage_{Stage::not_started};
  MonotonicTime started_at_{};
  std::uint64_t sent_before_{};
  std::optional<Result<void>> left_;
  std::vector<std::function<void(Result<void>)>> waiting_;
};

/// "ending_transactions" and so on: for status, metrics and logs.
[[nodiscard]] std::string_view to_string(Leaving::Stage stage);
/// "leaving: data is handed on, 2 transfers left, 1200 resources sent, 3 s": one line for people.
[[nodiscard]] std::string progress_line(const Leaving::Progress& progress);
inline constexpr std::array leaving_stages{
    Leaving::Stage::not_started, Leaving::Stage::ending_transactions, Leaving::Stage::withdrawing,
    Leaving::Stage::handing_on, Leaving::Stage::finished};

}  // namespace carillon::app
