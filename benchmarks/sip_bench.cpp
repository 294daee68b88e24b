// What the SIP core costs, without sockets and overlay: a refresh, a registration with challenge,
// a call. Virtual time runs as it would at 1,000 registrations or calls a second, so that
// transactions linger as they do in a busy peer.
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "sip/digest.hpp"
#include "sip/sip_core.hpp"
#include "sip/sip_message.hpp"

namespace {

using namespace carillon;
using namespace carillon::sip;

class Locations final : public LocationService {
 public:
  void publish(std::string, OwnEntry, seconds, Handler<void> done) override {
    waiting.emplace_back([done = std::move(done)]() mutable { done({}); });
  }
  void lookup(std::string, Handler<std::vector<LocatedBinding>> done) override {
    waiting.emplace_back([this, done = std::move(done)]() mutable { done(found); });
  }
  void run() {
    for (auto& handler : std::exchange(waiting, {}))
      handler();
  }
  std::vector<LocatedBinding> found{};
  std::vector<std::move_only_function<void()>> waiting{};
};

class Credentials final : public CredentialService {
 public:
  std::optional<Credential> cached(std::string_view, seconds) override { return known; }
  void find(std::string, UserQuestion, Handler<FoundUser>) override {}
  Credential known = make_credential("bob@example.org", "secret");
};

struct Peer {
  Peer() {
    udp = core.add_local_transport(Transport::udp, {"10.0.0.1", 5060});
    now.monotonic += seconds{1};
    now.wall = wall_time(1'795'000'000'000U);
    core.handle_time(now);
  }
  static SipOptions options() {
    SipOptions out;
    out.domains = {"example.org"};
    out.peer_id = "us";
    return out;
  }
  void tick(milliseconds step = milliseconds{1}) {
    now.monotonic += step;
    now.wall += step;
    core.handle_time(now);
  }
  void receive(const std::string& text, const HostPort& from) {
    core.handle_datagram(udp, from, as_bytes(text));
  }
  /// Carries everything out; the octets of the last datagram.
  std::string drain() {
    std::string last;
    for (;;) {
      while (auto action = core.poll_action()) {
        if (auto* datagram = std::get_if<SendDatagram>(&*action)) {
          last = std::move(datagram->octets);
        }
      }
      if (locations.waiting.empty()) return last;
      locations.run();
    }
  }

  TimerQueue timers;
  SeededRandom random{1};
  Locations locations;
  Credentials credentials;
  SipCore core{options(), timers, random, locations, credentials, {}};
  LocalTransportId udp{};
  Now now{};
};

const HostPort phone{"192.0.2.1", 5060};

std::string register_text(std::uint64_t number, const std::string& authorization) {
  const auto text = std::to_string(number);
  return "REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKr" +
         text + ";rport\r\nMax-Forwards: 70\r\nFrom: \"Bob\" <sip:bob@example.org>;tag=3f2a" +
         text +
         "\r\nTo: \"Bob\" <sip:bob@example.org>\r\nCall-ID: 8d7f6a5b4c3d2e1f@192.0.2.1\r\nCSeq: " +
         text + " REGISTER\r\nContact: <sip:bob@192.0.2.1:5060>\r\nExpires: 60\r\n" +
         (authorization.empty() ? "" : "Authorization: " + authorization + "\r\n") +
         "User-Agent: benchmark\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE\r\n"
         "Content-Length: 0\r\n\r\n";
}

std::string nonce_of(const std::string& challenge) {
  const auto start = challenge.find("nonce=\"") + 7;
  return challenge.substr(start, challenge.find('"', start) - start);
}

std::string authorization(const std::string& nonce, std::uint32_t count, const char* method,
                          const std::string& uri, bool sha256 = false) {
  DigestCredentials out;
  out.username = "bob";
  out.nonce = nonce;
  out.uri = uri;
  out.cnonce = "5f1a2b3c";
  out.qop = "auth";
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 28; shift >= 0; shift -= 4)
    out.nonce_count += digits[(count >> shift) & 15];
  const auto secret = as_bytes("bob:example.org:secret");
  const auto response =
      sha256
          ? digest_response(DigestAlgorithm::sha256, to_hex(carillon::sha256(secret)), out, method)
          : digest_response(DigestAlgorithm::md5, to_hex(md5(secret)), out, method);
  return "Digest username=\"bob\", realm=\"example.org\", nonce=\"" + nonce + "\", uri=\"" + uri +
         "\", response=\"" + response + "\", algorithm=" + (sha256 ? "SHA-256" : "MD5") +
         ", cnonce=\"5f1a2b3c\", qop=auth, nc=" + out.nonce_count;
}

/// A phone that reuses its nonce: one request.
void refresh(benchmark::State& state) {
  const bool sha256 = state.range(0) != 0;
  constexpr std::uint32_t batch = 1000;
  Peer peer;
  std::uint64_t number = 1;
  std::vector<std::string> requests;
  const auto prepare = [&] {
    requests.clear();
    peer.receive(register_text(++number, {}), phone);
    const auto nonce = nonce_of(peer.drain());
    for (std::uint32_t i = 1; i <= batch; ++i) {
      requests.push_back(
          register_text(++number, authorization(nonce, i, "REGISTER", "sip:example.org", sha256)));
    }
  };
  prepare();
  std::size_t next = 0;
  for (auto _ : state) {
    if (next == requests.size()) {
      state.PauseTiming();
      prepare();
      next = 0;
      state.ResumeTiming();
    }
    peer.tick();
    peer.receive(requests[next++], phone);
    const auto answer = peer.drain();
    if (!answer.starts_with("SIP/2.0 200")) state.SkipWithError(answer.c_str());
  }
}
BENCHMARK(refresh)->ArgName("sha256")->Arg(0)->Arg(1);

/// A phone (or SIPp) that is challenged each time: two requests; the client's part included.
void refresh_with_challenge(benchmark::State& state) {
  Peer peer;
  std::uint64_t number = 1;
  for (auto _ : state) {
    peer.tick();
    peer.receive(register_text(++number, {}), phone);
    const auto nonce = nonce_of(peer.drain());
    peer.receive(register_text(++number, authorization(nonce, 1, "REGISTER", "sip:example.org")),
                 phone);
    const auto answer = peer.drain();
    if (!answer.starts_with("SIP/2.0 200")) state.SkipWithError(answer.c_str());
  }
}
BENCHMARK(refresh_with_challenge);

std::string request_text(const std::string& method, const std::string& uri, std::uint64_t number,
                         std::uint64_t call, const std::string& more, const std::string& body) {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKi" +
         std::to_string(number) +
         ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example.org>;tag=77" + std::to_string(call) +
         "\r\nTo: <sip:carol@example.org>" + (method == "INVITE" ? "" : ";tag=88") +
         "\r\nCall-ID: call" + std::to_string(call) +
         "@192.0.2.1\r\nCSeq: " + std::to_string(method == "ACK" ? number - 1 : number) + " " +
         method + "\r\nContact: <sip:bob@192.0.2.1:5060>\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string session =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP "
    "0 "
    "8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";

std::string answer_text(const std::string& request, int status, bool with_body) {
  const auto message = SipMessage::parse(as_bytes(request), SipLimits{});
  auto response = make_response(*message, status, {}, "88");
  for (std::size_t i = 0; i < message->count(HeaderId::record_route); ++i) {
    response.append(HeaderId::record_route, message->header(HeaderId::record_route, i));
  }
  response.append(HeaderId::contact, "<sip:carol@192.0.2.2:5060>");
  if (with_body) response.set_body(session);
  return response.serialize();
}

/// INVITE, 180, 200, ACK, BYE, 200 through one core; what the phones do is included.
void call(benchmark::State& state) {
  const HostPort called{"192.0.2.2", 5060};
  Peer peer;
  Binding binding;
  binding.contact = "sip:carol@192.0.2.2:5060";
  binding.received = "udp:192.0.2.2:5060";
  peer.locations.found.push_back({binding, "other", {"10.0.0.2", 5061}});
  peer.receive(request_text("INVITE", "sip:carol@example.org", 1, 0, {}, session), phone);
  auto nonce = nonce_of(peer.drain());
  std::uint64_t number = 10;
  std::uint32_t count = 0;
  for (auto _ : state) {
    peer.tick();
    ++number;
    if (count == 1000) {
      state.PauseTiming();
      count = 0;
      peer.receive(request_text("INVITE", "sip:carol@example.org", number, number, {}, session),
                   phone);
      nonce = nonce_of(peer.drain());
      ++number;
      state.ResumeTiming();
    }
    const auto this_call = number;
    const auto credentials =
        "Proxy-Authorization: " + authorization(nonce, ++count, "INVITE", "sip:carol@example.org") +
        "\r\n";
    peer.receive(
        request_text("INVITE", "sip:carol@example.org", number, this_call, credentials, session),
        phone);
    const auto invite = peer.drain();
    peer.receive(answer_text(invite, 180, false), called);
    (void)peer.drain();
    peer.receive(answer_text(invite, 200, true), called);
    const auto ok = peer.drain();
    const auto route = ok.substr(ok.find("Record-Route: ") + 7);
    const auto line = route.substr(0, route.find("\r\n") + 2);
    peer.receive(request_text("ACK", "sip:carol@192.0.2.2:5060", ++number, this_call, line, {}),
                 phone);
    if (!peer.drain().starts_with("ACK")) state.SkipWithError("no ACK");
    peer.receive(request_text("BYE", "sip:carol@192.0.2.2:5060", ++number, this_call, line, {}),
                 phone);
    const auto bye = peer.drain();
    if (!bye.starts_with("BYE")) state.SkipWithError(bye.c_str());
    peer.receive(answer_text(bye, 200, false), called);
    (void)peer.drain();
  }
}
BENCHMARK(call);

}  // namespace
