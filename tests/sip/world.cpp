#include "sip/world.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "sip/digest.hpp"
#include "sip/name_address.hpp"

namespace carillon::sip::test {

bool FakeLocations::run() {
  if (hold || waiting.empty()) return false;
  auto handlers = std::move(waiting);
  waiting.clear();
  for (auto& handler : handlers)
    handler();
  return true;
}

std::vector<LocatedBinding> FakeLocations::located(const std::string& aor, WallTime at) {
  std::vector<PeerEntry> all;
  for (const auto& [peer, entry] : entries[aor])
    all.push_back({peer, entry});
  return merge_entries(all, at);
}

void FakeLocationService::publish(std::string aor, OwnEntry entry, seconds lifetime,
                                  Handler<void> done) {
  ++table_.publishes;
  EXPECT_GT(lifetime.count(), 0);
  table_.last_lifetime = lifetime;
  table_.waiting.emplace_back(
      [this, aor = std::move(aor), entry = std::move(entry), done = std::move(done)]() mutable {
        if (table_.publish_error) return done(fail(*table_.publish_error, "publish"));
        if (entry.empty()) {
          table_.entries[aor].erase(peer_id_);
        } else {
          table_.entries[aor][peer_id_] = std::move(entry);
        }
        done({});
      });
}

void FakeLocationService::lookup(std::string aor, Handler<std::vector<LocatedBinding>> done) {
  ++table_.lookups;
  table_.waiting.emplace_back([this, aor = std::move(aor), done = std::move(done)]() mutable {
    if (table_.lookup_error) return done(fail(*table_.lookup_error, "lookup"));
    done(table_.located(aor, now_.wall));
  });
}

std::optional<Credential> FakeCredentials::cached(std::string_view aor, seconds max_age) {
  if (!caches || age > max_age) return std::nullopt;
  if (const auto old = remembered.find(aor); old != remembered.end()) return old->second;
  const auto found = users.find(aor);
  if (found == users.end()) return std::nullopt;
  return found->second;
}

void FakeCredentials::find(std::string aor, UserQuestion question, Handler<FoundUser> done) {
  ++finds;
  table_.waiting.emplace_back(
      [this, aor = std::move(aor), question, done = std::move(done)]() mutable {
        const auto found = users.find(aor);
        if (found == users.end()) return done(fail(ErrorCode::not_found, "credential"));
        FoundUser user{found->second, {}};
        if (tells_bindings && question == UserQuestion::credential_and_bindings) {
          user.located = table_.located(aor, now_.wall);
        }
        done(std::move(user));
      });
}

Node::Node(World& world, std::string host_in, SipOptions options)
    : host(host_in),
      random(world.seed_ + world.nodes.size() * 7919),
      locations(world.locations, "peer-" + host_in, world.now),
      core(
          [&] {
            options.peer_id = "peer-" + host_in;
            return options;
          }(),
          timers, random, locations, world.credentials,
          [this](Notice notice) { notices.push_back(notice.text); }) {
  udp = core.add_local_transport(Transport::udp, udp_address());
  tcp = core.add_local_transport(Transport::tcp, udp_address());
  tls = core.add_local_transport(Transport::tls_peer, tls_address());
  core.handle_time(world.now);
}

std::string Phone::take() {
  if (inbox.empty()) return {};
  auto message = std::move(inbox.front());
  inbox.pop_front();
  return message;
}

SipMessage Phone::take_message() {
  const auto text = take();
  EXPECT_FALSE(text.empty()) << "nothing has arrived at " << address.text();
  if (text.empty()) return SipMessage::response(699, "nothing");
  return parsed(text);
}

World::World(std::uint64_t seed) : seed_(seed) {
  now.monotonic += seconds{1000};
  now.wall = wall_time(1'795'000'000'000U);
  for (const auto* user : {"alice", "bob", "carol"}) {
    credentials.add(std::string{user} + "@example.org", "secret");
  }
}

SipOptions World::default_options() {
  SipOptions options;
  options.domains = {"example.org"};
  options.overlay_secret = Bytes(32, 7);
  return options;
}

Node& World::add_node(const std::string& host, SipOptions options) {
  nodes.push_back(std::make_unique<Node>(*this, host, std::move(options)));
  return *nodes.back();
}

Phone& World::add_phone(const std::string& host, std::uint16_t port) {
  phones.push_back(std::make_unique<Phone>());
  phones.back()->address = {host, port};
  return *phones.back();
}

Phone& World::connect_phone(Node& node, const std::string& host, std::uint16_t port) {
  auto& phone = add_phone(host, port);
  phone.node = &node;
  node.core.handle_time(now);
  phone.flow = node.core.handle_flow_accepted(node.tcp, phone.address);
  phone.connected = phone.flow != FlowId::none;
  return phone;
}

void World::disconnect(Phone& phone) {
  phone.connected = false;
  phone.node->core.handle_time(now);
  phone.node->core.handle_flow_closed(phone.flow, "closed by the phone");
  settle();
}

void World::kill(Node& node) {
  node.dead = true;
  for (const auto& phone : phones) {
    if (phone->node == &node) phone->connected = false;
  }
  std::vector<PeerFlow> ends;
  for (const auto& [from, to] : peer_flows_) {
    if (from.node == &node) ends.push_back(to);
  }
  std::erase_if(peer_flows_, [&](const auto& flow) {
    return flow.first.node == &node || flow.second.node == &node;
  });
  for (const auto& [other, flow] : ends) {
    other->core.handle_time(now);
    other->core.handle_flow_closed(flow, "reset");
  }
  settle();
}

void World::send(Phone& phone, Node& node, std::string_view message) {
  if (node.dead) return;
  node.core.handle_time(now);
  if (phone.flow != FlowId::none) {
    node.core.handle_flow_bytes(phone.flow, as_bytes(message));
  } else if (!lose || !lose(phone.address, node.udp_address(), std::string{message})) {
    node.core.handle_datagram(node.udp, phone.address, as_bytes(message));
  }
  settle();
}

void World::settle() {
  for (bool busy = true; busy;) {
    busy = locations.run();
    for (std::size_t i = 0; i < nodes.size(); ++i)
      busy = drain(*nodes[i]) || busy;
  }
}

bool World::drain(Node& node) {
  bool any = false;
  while (auto action = node.core.poll_action()) {
    any = true;
    if (node.dead) continue;
    if (auto* datagram = std::get_if<SendDatagram>(&*action)) deliver(node, *datagram);
    if (auto* on_flow = std::get_if<SendOnFlow>(&*action)) deliver(node, *on_flow);
    if (auto* opening = std::get_if<OpenFlow>(&*action)) open(node, *opening);
    if (auto* closing = std::get_if<CloseFlow>(&*action)) close(node, closing->flow);
    if (auto* seen = std::get_if<CaptureMessage>(&*action)) node.captured.push_back(*seen);
  }
  return any;
}

Node* World::node_at(const HostPort& address) {
  for (const auto& node : nodes) {
    if (node->dead) continue;
    if (node->udp_address() == address || node->tls_address() == address) return node.get();
  }
  return nullptr;
}

void World::deliver(Node& node, const SendDatagram& action) {
  ++datagrams;
  if (lose && lose(node.udp_address(), action.remote, action.octets)) return;
  if (auto* other = node_at(action.remote)) {
    other->core.handle_time(now);
    other->core.handle_datagram(other->udp, node.udp_address(), as_bytes(action.octets));
    return;
  }
  for (const auto& phone : phones) {
    if (phone->flow != FlowId::none || phone->address != action.remote) continue;
    phone->on_message ? phone->on_message(action.octets) : phone->inbox.push_back(action.octets);
    return;
  }
}

void World::deliver(Node& node, const SendOnFlow& action) {
  if (const auto peer = peer_flows_.find({&node, action.flow}); peer != peer_flows_.end()) {
    const auto [other, flow] = peer->second;
    other->core.handle_time(now);
    other->core.handle_flow_bytes(flow, as_bytes(action.octets));
    return;
  }
  for (const auto& phone : phones) {
    if (phone->flow != action.flow || phone->node != &node || !phone->connected) continue;
    phone->on_message ? phone->on_message(action.octets) : phone->inbox.push_back(action.octets);
    return;
  }
  ADD_FAILURE() << "sent on a flow that is not there: " << action.octets;
}

void World::open(Node& node, const OpenFlow& action) {
  auto* other = node_at(action.address);
  if (refuse_peer_connections || other == nullptr || action.transport != Transport::tls_peer ||
      action.expected_peer != "peer-" + other->host) {
    node.core.handle_flow_closed(action.flow, "refused");
    return;
  }
  const auto flow =
      other->core.handle_flow_accepted(other->tls, {node.host, 40000}, "peer-" + node.host);
  ASSERT_NE(flow, FlowId::none);
  peer_flows_[{&node, action.flow}] = {other, flow};
  peer_flows_[{other, flow}] = {&node, action.flow};
  node.core.handle_flow_opened(action.flow);
}

void World::close(Node& node, FlowId flow) {
  for (const auto& phone : phones) {
    if (phone->flow == flow && phone->node == &node) phone->connected = false;
  }
  const auto peer = peer_flows_.find({&node, flow});
  if (peer == peer_flows_.end()) return;
  const auto [other, other_flow] = peer->second;
  peer_flows_.erase({other, other_flow});
  peer_flows_.erase({&node, flow});
  other->core.handle_flow_closed(other_flow, "closed by the other peer");
}

void World::advance(milliseconds duration) {
  const Now end{now.monotonic + duration, now.wall + duration};
  for (;;) {
    auto next = end.monotonic;
    for (const auto& node : nodes) {
      if (const auto deadline = node->core.next_deadline()) next = std::min(next, *deadline);
    }
    next = std::max(next, now.monotonic);
    now.wall = end.wall - std::chrono::floor<milliseconds>(end.monotonic - next);
    now.monotonic = next;
    for (const auto& node : nodes)
      node->core.handle_time(now);
    settle();
    if (next == end.monotonic) return;
  }
}

SipMessage World::register_phone(Phone& phone, Node& node, const std::string& user,
                                 const std::string& contact, const std::string& more) {
  const auto number = std::to_string(++phone.cseq);
  const bool tcp = phone.flow != FlowId::none;
  const auto sent_by = phone.sent_by.empty() ? phone.address.text() : phone.sent_by;
  auto request =
      "REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/" + std::string{tcp ? "TCP " : "UDP "} +
      sent_by + ";branch=z9hG4bKreg" + number + ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:" + user +
      "@example.org>;tag=f" + number + "\r\nTo: <sip:" + user + "@example.org>\r\nCall-ID: reg-" +
      phone.address.text() + "\r\nCSeq: " + number + " REGISTER\r\n" +
      (contact.empty() ? "" : "Contact: " + contact + "\r\n") + more + "Content-Length: 0\r\n\r\n";
  send_authenticated(phone, node, std::move(request), user);
  return phone.take_message();
}

void World::send_authenticated(Phone& phone, Node& node, std::string request,
                               const std::string& user, const std::string& password) {
  send(phone, node, request);
  if (phone.inbox.empty()) return;
  const auto challenge = parsed(phone.inbox.back());
  if (challenge.status() != 401 && challenge.status() != 407) return;
  phone.inbox.pop_back();
  const auto original = parsed(request);
  const bool proxy = challenge.status() == 407;
  const auto value = answer_challenge(
      challenge.header(proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate), user,
      password, original.method_text(), original.request_uri());
  auto again = original;
  again.append(proxy ? HeaderId::proxy_authorization : HeaderId::authorization, value);
  const auto cseq = original.cseq();
  again.set(HeaderId::cseq, std::to_string(cseq->number + 1) + " " + std::string{cseq->method});
  auto via = std::string{original.header(HeaderId::via)};
  const auto branch = via.find("branch=z9hG4bK");
  if (branch != std::string::npos) via.insert(branch + 14, "auth");
  again.replace_first(HeaderId::via, via);
  ++phone.cseq;
  send(phone, node, again.serialize());
}

std::string auth_param(std::string_view challenge, std::string_view name) {
  const auto start = challenge.find(std::string{name} + "=\"");
  if (start == std::string_view::npos) return {};
  const auto value = challenge.substr(start + name.size() + 2);
  return std::string{value.substr(0, value.find('"'))};
}

std::string answer_challenge(std::string_view challenge, std::string_view user,
                             std::string_view password, std::string_view method,
                             std::string_view uri, std::uint32_t count, std::string_view username) {
  DigestCredentials credentials;
  credentials.username = username.empty() ? user : username;
  credentials.realm = auth_param(challenge, "realm");
  credentials.nonce = auth_param(challenge, "nonce");
  credentials.uri = uri;
  credentials.cnonce = "0a4f113b";
  credentials.qop = "auth";
  auto digits = std::to_string(100000000 + count).substr(1);
  credentials.nonce_count = digits;
  const bool sha256 = challenge.find("SHA-256") != std::string_view::npos;
  const auto algorithm = sha256 ? DigestAlgorithm::sha256 : DigestAlgorithm::md5;
  const auto text = credentials.username + ":" + credentials.realm + ":" + std::string{password};
  std::string ha1;
  static constexpr std::string_view digits16 = "0123456789abcdef";
  const auto hex = [&](const auto& octets) {
    for (const auto octet : octets) {
      ha1.push_back(digits16[octet >> 4]);
      ha1.push_back(digits16[octet & 15]);
    }
  };
  sha256 ? hex(carillon::sha256(as_bytes(text))) : hex(md5(as_bytes(text)));
  const auto response = digest_response(algorithm, ha1, credentials, method);
  return "Digest username=\"" + credentials.username + "\", realm=\"" + credentials.realm +
         "\", nonce=\"" + credentials.nonce + "\", uri=\"" + credentials.uri + "\", response=\"" +
         response + "\", algorithm=" + (sha256 ? "SHA-256" : "MD5") + ", cnonce=\"" +
         credentials.cnonce + "\", qop=auth, nc=" + digits;
}

std::string lines(std::initializer_list<std::string> lines, std::string_view body) {
  std::string out;
  for (const auto& line : lines)
    out += line + "\r\n";
  return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string respond(const std::string& request, int status, const std::string& tag,
                    std::initializer_list<std::string> more) {
  const auto message = parsed(request);
  auto response = make_response(message, status, {}, tag);
  for (std::size_t i = 0; i < message.count(HeaderId::record_route); ++i) {
    response.append(HeaderId::record_route, message.header(HeaderId::record_route, i));
  }
  for (const auto& line : more) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const auto value = line.substr(colon + 2);
    const auto id = header_id(name);
    id == HeaderId::other ? response.append(name, value) : response.append(id, value);
  }
  return response.serialize();
}

SipMessage parsed(std::string_view text) {
  auto message = SipMessage::parse(as_bytes(text), SipLimits{});
  EXPECT_TRUE(message.has_value()) << text;
  if (!message) return SipMessage::response(699, "unparsable");
  EXPECT_EQ(message->defect(), "") << text;
  return *std::move(message);
}

}  // namespace carillon::sip::test
