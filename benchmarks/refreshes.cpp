// Phones that refresh at a given rate, whatever the answers do (an open loop), and how long the
// answers took. SIPp, which plays the phones elsewhere, bears only some thousands a second.
//
//   refreshes HOST PORT PHONES PASSWORD
//
// The phones are user0, user1, ... of example.org; each keeps its nonce, as phones do. Says "ready"
// once all are registered (exit 1 if one cannot), then reads lines of RATE (a second) and SECONDS,
// and answers each with one JSON object.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <nlohmann/json.hpp>
#include <poll.h>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/hex.hpp"
#include "sip/digest.hpp"
#include "sip/digest_algorithm.hpp"

namespace {

using namespace carillon;
using Clock = std::chrono::steady_clock;
using boost::asio::ip::udp;

constexpr const char* domain = "example.org";
constexpr std::chrono::seconds answer_within{2};
constexpr std::uint32_t remembered = 64;

struct Phone {
  std::string ha1{};
  sip::DigestCredentials credentials{};
  std::uint32_t cseq{0};
  std::uint32_t count{0};
  std::array<Clock::time_point, remembered> sent{};  ///< By CSeq: answers may be late.
  bool waiting{false};
};

class Phones {
 public:
  Phones(const udp::endpoint& registrar, std::size_t number, const std::string& password)
      : registrar_(registrar), phones_(number) {
    socket_.open(registrar.protocol());
    socket_.set_option(boost::asio::socket_base::receive_buffer_size{4 << 20});
    socket_.bind({registrar.address(), 0});
    socket_.non_blocking(true);
    for (std::size_t i = 0; i < number; ++i) {
      const auto user = "user" + std::to_string(i);
      phones_[i].ha1 = to_hex(md5(as_bytes(user + ":" + domain + ":" + password)));
      phones_[i].credentials.username = user;
      phones_[i].credentials.uri = std::string{"sip:"} + domain;
    }
  }

  /// Each registers, one after the other: the first answer is a challenge.
  bool register_all() {
    for (auto& phone : phones_)
      if (!exchange(phone) || !exchange(phone)) return false;
    return times_.size() == phones_.size();
  }

  nlohmann::json refresh(double rate, std::chrono::seconds duration) {
    times_.clear();
    const auto start = Clock::now();
    std::size_t sent = 0;
    for (auto now = start; now - start < duration; now = Clock::now()) {
      const auto due =
          static_cast<std::size_t>(std::chrono::duration<double>(now - start).count() * rate);
      for (; sent < due; ++sent)
        send(phones_[sent % phones_.size()]);
      if (!receive_waiting()) wait_readable();
    }
    const auto end = Clock::now() + answer_within;
    while (times_.size() < sent && Clock::now() < end)
      receive_waiting();
    return report(sent, std::chrono::duration<double>(duration).count());
  }

 private:
  /// One REGISTER and its answer; false if none came.
  bool exchange(Phone& phone) {
    send(phone);
    const auto end = Clock::now() + answer_within;
    while (phone.waiting && Clock::now() < end)
      receive_waiting();
    return !phone.waiting;
  }

  void send(Phone& phone) {
    const auto index = static_cast<std::size_t>(&phone - phones_.data());
    const auto number = std::to_string(index);
    const auto cseq = std::to_string(++phone.cseq);
    const auto& user = phone.credentials.username;
    const auto at = socket_.local_endpoint();
    const auto here = at.address().to_string() + ":" + std::to_string(at.port());
    auto text = "REGISTER sip:" + std::string{domain} + " SIP/2.0\r\nVia: SIP/2.0/UDP " + here +
                ";branch=z9hG4bKr" + number + "." + cseq +
                ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:" + user + "@" + domain + ">;tag=r" +
                number + "\r\nTo: <sip:" + user + "@" + domain + ">\r\nCall-ID: " + number +
                "@refreshes\r\nCSeq: " + cseq + " REGISTER\r\nContact: <sip:" + user + "@" + here +
                ">\r\nExpires: 3600\r\n";
    if (!phone.credentials.nonce.empty()) text += authorization(phone);
    text += "Content-Length: 0\r\n\r\n";
    phone.sent.at(phone.cseq % remembered) = Clock::now();
    phone.waiting = true;
    boost::system::error_code error;
    socket_.send_to(boost::asio::buffer(text), registrar_, 0, error);
  }

  static std::string authorization(Phone& phone) {
    auto& known = phone.credentials;
    std::array<char, 9> hex{};
    std::snprintf(hex.data(), hex.size(), "%08x", ++phone.count);
    known.nonce_count = hex.data();
    known.cnonce = "5f1a2b3c";
    known.qop = "auth";
    return "Authorization: Digest username=\"" + known.username + "\", realm=\"" + domain +
           "\", nonce=\"" + known.nonce + "\", uri=\"" + known.uri + "\", response=\"" +
           sip::digest_response(sip::DigestAlgorithm::md5, phone.ha1, known, "REGISTER") +
           "\", algorithm=MD5, cnonce=\"" + known.cnonce + "\", qop=auth, nc=" + known.nonce_count +
           "\r\n";
  }

  /// Until something has come, for 50 us at most.
  void wait_readable() {
    pollfd watched{socket_.native_handle(), POLLIN, 0};
    const timespec pause{0, 50'000};
    ::ppoll(&watched, 1, &pause, nullptr);
  }

  /// False if nothing was there.
  bool receive_waiting() {
    std::array<char, 4096> buffer{};
    boost::system::error_code error;
    udp::endpoint from;
    bool any = false;
    while (true) {
      const auto size = socket_.receive_from(boost::asio::buffer(buffer), from, 0, error);
      if (error) return any;
      any = true;
      take({buffer.data(), size});
    }
  }

  void take(std::string_view answer) {
    const auto number = between(answer, "Call-ID: ", "@");
    std::size_t index = 0;
    std::from_chars(number.data(), number.data() + number.size(), index);
    const auto cseq_text = between(answer, "CSeq: ", " ");
    std::uint32_t cseq = 0;
    std::from_chars(cseq_text.data(), cseq_text.data() + cseq_text.size(), cseq);
    if (index >= phones_.size() || phones_[index].cseq - cseq >= remembered) return;
    auto& phone = phones_[index];
    phone.waiting = phone.cseq != cseq;
    if (answer.starts_with("SIP/2.0 200")) {
      return times_.push_back(Clock::now() - phone.sent.at(cseq % remembered));
    }
    phone.credentials.nonce = between(answer, "nonce=\"", "\"");
    phone.count = 0;
  }

  static std::string_view between(std::string_view text, std::string_view start,
                                  std::string_view end) {
    const auto at = text.find(start);
    if (at == std::string_view::npos) return {};
    const auto rest = text.substr(at + start.size());
    return rest.substr(0, rest.find(end));
  }

  nlohmann::json report(std::size_t sent, double duration) {
    std::ranges::sort(times_);
    const auto at = [&](double share) {
      if (times_.empty()) return 0.0;
      const auto index = static_cast<std::size_t>(static_cast<double>(times_.size()) * share);
      return std::chrono::duration<double, std::milli>(times_[std::min(index, times_.size() - 1)])
          .count();
    };
    return {{"sent", sent},      {"answered", times_.size()}, {"seconds", duration},
            {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)},        {"p999_ms", at(0.999)}};
  }

  boost::asio::io_context context_;
  udp::socket socket_{context_};
  udp::endpoint registrar_;
  std::vector<Phone> phones_;
  std::vector<Clock::duration> times_;
};

}  // namespace

int main(int count, char** words) {
  if (count != 5) {
    std::cerr << "usage: refreshes HOST PORT PHONES PASSWORD\n";
    return 2;
  }
  const udp::endpoint registrar{boost::asio::ip::make_address(words[1]),
                                static_cast<std::uint16_t>(std::stoi(words[2]))};
  Phones phones{registrar, std::stoul(words[3]), words[4]};
  if (!phones.register_all()) {
    std::cerr << "a phone could not register\n";
    return 1;
  }
  std::cout << "ready" << std::endl;
  double rate = 0;
  for (long duration = 0; std::cin >> rate >> duration;)
    std::cout << phones.refresh(rate, std::chrono::seconds{duration}).dump() << std::endl;
}
