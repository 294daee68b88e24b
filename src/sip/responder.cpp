#include "sip/responder.hpp"

#include <array>

#include <fmt/format.h>

#include "sip/name_address.hpp"

namespace carillon::sip {

std::string Responder::tag(const IncomingRequest& request) const {
  std::string text{request.via.branch()};
  text.append("\n").append(request.message.header(HeaderId::call_id));
  text.append("\n").append(tag_of(request.message.header(HeaderId::from)));
  return hex64(context_.hash(text));
}

bool Responder::is_own_ack(const IncomingRequest& ack) const {
  return tag_of(ack.message.header(HeaderId::to)) == tag(ack);
}

SipMessage Responder::make(const IncomingRequest& request, int status,
                           std::string_view reason) const {
  auto response =
      make_response(request.message, status, reason, status == 100 ? std::string{} : tag(request));
  if (status == 503 || status == 500) {
    response.append(HeaderId::retry_after, std::to_string(retry_after()));
  }
  if (status == 423) {
    response.append(HeaderId::min_expires, std::to_string(context_.options.min_expires.count()));
  }
  return response;
}

/// Not the same for all: they would come back all at once.
std::int64_t Responder::retry_after() const {
  const auto least = context_.options.retry_after.count();
  return least +
         static_cast<std::int64_t>(context_.random.u64() % static_cast<std::uint64_t>(least + 1));
}

const std::string& Responder::date() {
  const auto now = std::chrono::floor<seconds>(context_.now.wall.time_since_epoch());
  if (date_.empty() || now != dated_) date_ = date_text(context_.now.wall);
  dated_ = now;
  return date_;
}

void Responder::send_stateless(const IncomingRequest& request, const SipMessage& response) {
  if (request.message.method() == Method::ack) return;
  const auto method = static_cast<std::size_t>(request.message.method());
  const auto group = static_cast<std::size_t>(response.status() / 100 - 1);
  ++context_.counters.responses_out.at(method).at(group);
  sender_.send(request.reply_to, response.serialize());
}

std::string date_text(WallTime time) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // WallClock counts from the Unix epoch as std::chrono::sys_time does.
  const std::chrono::sys_time<milliseconds> at{time.time_since_epoch()};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<seconds>(at - day)};
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(std::chrono::weekday{day}.c_encoding()),
      static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

}  // namespace carillon::sip
