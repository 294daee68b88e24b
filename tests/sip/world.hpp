#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/sip_core.hpp"
#include "sip/sip_message.hpp"

namespace carillon::sip::test {

/// One table of bindings for all peers of a world, each of which writes its own entries.
class FakeLocations {
 public:
  std::map<std::string, std::map<std::string, OwnEntry>> entries;  ///< By AOR, then by peer.
  std::optional<ErrorCode> publish_error{};
  std::optional<ErrorCode> lookup_error{};
  bool hold{false};  ///< Keeps answers back until run() is called with it off.
  std::size_t publishes{0};
  seconds last_lifetime{0};  ///< Of what was published last.
  std::size_t lookups{0};
  std::vector<std::move_only_function<void()>> waiting{};

  /// Runs the handlers that wait, those they cause not included. False if there were none.
  bool run();
  [[nodiscard]] std::vector<LocatedBinding> located(const std::string& aor, WallTime at);
};

class FakeLocationService final : public LocationService {
 public:
  FakeLocationService(FakeLocations& table, std::string peer_id, const Now& now)
      : table_(table), peer_id_(std::move(peer_id)), now_(now) {}
  void publish(std::string aor, OwnEntry entry, seconds lifetime, Handler<void> done) override;
  void lookup(std::string aor, Handler<std::vector<LocatedBinding>> done) override;

 private:
  FakeLocations& table_;
  std::string peer_id_;
  const Now& now_;
};

class FakeCredentials final : public CredentialService {
 public:
  FakeCredentials(FakeLocations& table, const Now& now) : table_(table), now_(now) {}
  void add(const std::string& aor, std::string_view password) {
    users[aor] = make_credential(aor, password);
  }
  std::optional<Credential> cached(std::string_view aor, seconds max_age) override;
  void find(std::string aor, UserQuestion question, Handler<FoundUser> done) override;

  std::map<std::string, Credential, std::less<>> users;
  bool caches{true};
  /// Bindings are told along with the credential when both are asked for.
  bool tells_bindings{true};
  /// What is remembered, and since when, of those who have changed in `users` or have gone.
  std::map<std::string, Credential, std::less<>> remembered;
  seconds age{0};
  std::size_t finds{0};

 private:
  FakeLocations& table_;
  const Now& now_;
};

class World;

/// A peer: a core and its sockets.
struct Node {
  Node(World& world, std::string host, SipOptions options);

  std::string host;
  TimerQueue timers{};
  SeededRandom random;
  FakeLocationService locations;
  std::vector<std::string> notices{};
  std::vector<CaptureMessage> captured{};
  SipCore core;
  LocalTransportId udp{};
  LocalTransportId tcp{};
  LocalTransportId tls{};
  bool dead{false};  ///< Nothing gets there or comes from there any more.
  [[nodiscard]] HostPort udp_address() const { return {host, 5060}; }
  [[nodiscard]] HostPort tls_address() const { return {host, 5061}; }
};

/// A phone that the test speaks for, over UDP from `address`, or over a connection.
struct Phone {
  HostPort address{};
  std::string sent_by{};  ///< What it says of itself in Via; empty: its address.
  Node* node{};           ///< Where it is connected to.
  FlowId flow{};          ///< none: UDP
  bool connected{false};
  std::uint32_t cseq{0};
  std::deque<std::string> inbox{};
  /// Takes what arrives instead of the inbox.
  std::function<void(const std::string&)> on_message{};

  /// The next message that arrived, or "" if there is none.
  std::string take();
  /// The next one, parsed; fails the test if there is none.
  SipMessage take_message();
};

/// Peers and phones in one process, under virtual time.
class World {
 public:
  explicit World(std::uint64_t seed = 1);

  Node& add_node(const std::string& host, SipOptions options = default_options());
  [[nodiscard]] static SipOptions default_options();
  Phone& add_phone(const std::string& host, std::uint16_t port = 5060);
  /// Over TCP to `node`.
  Phone& connect_phone(Node& node, const std::string& host, std::uint16_t port);
  void disconnect(Phone& phone);
  /// The peer is gone from one moment to the next, and all connections to it with it.
  void kill(Node& node);

  /// Sends and lets everything settle, without time passing.
  void send(Phone& phone, Node& node, std::string_view message);
  void send(Phone& phone, std::string_view message) { send(phone, *phone.node, message); }
  /// Does all that can be done now.
  void settle();
  /// Lets time pass, timer by timer.
  void advance(milliseconds duration);

  /// A REGISTER with the right digest; the final response.
  SipMessage register_phone(Phone& phone, Node& node, const std::string& user,
                            const std::string& contact, const std::string& more = {});
  /// Sends `request` and, when challenged, again with credentials of `user`; the ACK for a 407 as
  /// well. Leaves what follows the challenge in the phone's inbox.
  void send_authenticated(Phone& phone, Node& node, std::string request, const std::string& user,
                          const std::string& password = "secret");

  Now now{};
  FakeLocations locations;
  FakeCredentials credentials{locations, now};
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<Phone>> phones;
  /// Whether a datagram is lost.
  std::function<bool(const HostPort& from, const HostPort& to, const std::string&)> lose{};
  std::size_t datagrams{0};
  bool refuse_peer_connections{false};

 private:
  friend struct Node;
  struct PeerFlow {
    Node* node;
    FlowId flow;
    auto operator<=>(const PeerFlow&) const = default;
  };
  bool drain(Node& node);
  void deliver(Node& node, const SendDatagram& action);
  void deliver(Node& node, const SendOnFlow& action);
  void open(Node& node, const OpenFlow& action);
  void close(Node& node, FlowId flow);
  Node* node_at(const HostPort& address);

  std::uint64_t seed_;
  std::map<PeerFlow, PeerFlow> peer_flows_;
};

/// The value of a parameter such as nonce="..." in a challenge.
std::string auth_param(std::string_view challenge, std::string_view name);

/// An Authorization value that answers `challenge`.
std::string answer_challenge(std::string_view challenge, std::string_view user,
                             std::string_view password, std::string_view method,
                             std::string_view uri, std::uint32_t count = 1,
                             std::string_view username = {});

/// A message with CRLF line ends, made from lines; the empty line at the end is added.
std::string lines(std::initializer_list<std::string> lines, std::string_view body = {});

/// A response of a phone to a request: tag added, more header lines as given.
std::string respond(const std::string& request, int status, const std::string& tag,
                    std::initializer_list<std::string> more = {});

SipMessage parsed(std::string_view text);

}  // namespace carillon::sip::test
