#include "sip/sip_core.hpp"

#include <algorithm>
#include <utility>

#include "sip/authenticator.hpp"
#include "sip/core_context.hpp"
#include "sip/domains.hpp"
#include "sip/flow_token.hpp"
#include "sip/name_address.hpp"
#include "sip/overload.hpp"
#include "sip/proxy.hpp"
#include "sip/reg_events.hpp"
#include "sip/registrar.hpp"
#include "sip/request_check.hpp"
#include "sip/responder.hpp"
#include "sip/server_locator.hpp"
#include "sip/stun.hpp"
#include "sip/transaction_layer.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

namespace {

/// Line ends only (RFC 5626, 4.4.1).
bool is_keepalive(ByteView octets) {
  return std::ranges::all_of(octets, [](auto octet) { return octet == '\r' || octet == '\n'; });
}

}  // namespace

class SipCore::Implementation {
 public:
  Implementation(SipOptions options, TimerQueue& timers, Random& random, LocationService& locations,
                 CredentialService& credentials, NoticeSink notices)
      : context(std::move(options), timers, random, std::move(notices)),
        transports(context),
        transactions(context, transports),
        responder(context, transports, transactions),
        tokens({context.options.secret, context.options.overlay_secret}, context.options.peer_id,
               random),
        domains(context, transports),
        authenticator(context, credentials),
        locator(context, transports),
        trunks(context, transports),
        trunk_addresses(context, transports, locator),
        trunk_credentials(context),
        trunk_registrations(context, transports, transactions, locator, trunk_credentials),
        identities(context, domains, trunk_addresses),
        registrar(context, transports, transactions, responder, authenticator, domains, tokens,
                  locations),
        events(context, transports, transactions, responder, locations),
        proxy({context, transports, transactions, responder, authenticator, domains, tokens,
               locations, credentials, registrar, locator, trunks, trunk_credentials, identities,
               trunk_registrations, events}),
        keepalives(context) {
    transactions.set_user(&proxy);
    context.bindings_changed = [this](std::string_view aor) { events.note_change(aor); };
  }

  /// False if the source has used up what it may.
  bool handle_message(ByteView octets, const Source& source) {
    if (!context.guard.admit(source, context.now.monotonic)) return false;
    transports.capture_incoming(source.hop, octets);
    auto message = SipMessage::parse(octets, context.options.limits);
    if (!message) {
      ++context.counters.malformed;
      context.guard.note_malformed(source, context.now.monotonic);
    } else if (message->is_request()) {
      handle_request(*std::move(message), source);
    } else {
      handle_response(*std::move(message));
    }
    return true;
  }

  void close_flow(FlowId flow, bool tell_driver) {
    transports.forget(flow, tell_driver);
    context.guard.disconnected(flow);
    transactions.handle_flow_closed(flow);
    registrar.handle_flow_closed(flow);
  }

  void handle_flow_bytes(FlowId id, ByteView octets) {
    auto* flow = transports.find(id);
    if (flow == nullptr) return;
    const Source source{{flow->transport, flow->local, flow->remote, id}, flow->peer_id};
    flow->heard = context.now.monotonic;
    if (is_web_socket(flow->transport)) return handle_web_socket(octets, source);
    flow->framer.add(octets);
    for (; flow != nullptr; flow = transports.find(id)) {
      std::string_view message;
      const auto more = flow->framer.next(message);
      answer_pings(*flow, source.hop);
      if (!more) {
        if (!message.empty()) (void)handle_message(as_bytes(message), source);
        context.notice(Severity::info, "sip: closing the connection from " +
                                           source.hop.remote.text() + ": " +
                                           more.error().message());
        ++context.counters.malformed;
        return close_flow(id, true);
      }
      if (!*more) break;
      if (!handle_message(as_bytes(message), source)) return close_flow(id, true);
    }
  }

  /// Closes what has been silent for longer than was promised (RFC 5626, 4.4.1), with the time that
  /// a phone may need to notice.
  void watch_keepalives() {
    if (keepalives.is_set() || transports.watched() == 0) return;
    keepalives.set(keepalive_check, [this] {
      const auto limit = context.now.monotonic - context.options.flow_timer - transaction_timeout;
      for (const auto flow : transports.silent_since(limit))
        close_flow(flow, true);
      watch_keepalives();
    });
  }
  static constexpr seconds keepalive_check{20};

  /// An unfinished message is memory that a stranger holds.
  void note_unfinished(FlowId id) {
    const auto* flow = transports.find(id);
    if (flow == nullptr || context.guard.holds(id, flow->framer.buffered())) return;
    close_flow(id, true);
  }

  CoreContext context;
  Overload overload;
  Transports transports;
  TransactionLayer transactions;
  Responder responder;
  FlowTokens tokens;
  Domains domains;
  Authenticator authenticator;
  ServerLocator locator;
  Trunks trunks;
  TrunkAddresses trunk_addresses;
  TrunkCredentials trunk_credentials;
  TrunkRegistrations trunk_registrations;
  AssertedIdentity identities;
  Registrar registrar;
  RegEvents events;
  Proxy proxy;
  ScopedTimer keepalives;

 private:
  void answer_pings(Flow& flow, const Hop& hop) {
    // One pong for all that came together is as good as one for each, and cannot be multiplied.
    if (flow.framer.take_pings() != 0) transports.send(hop, "\r\n");
  }

  /// One message of the WebSocket is one of SIP, or a keepalive (RFC 7118, 5 and 6).
  void handle_web_socket(ByteView octets, const Source& source) {
    if (!is_keepalive(octets)) {
      if (!handle_message(octets, source)) close_flow(source.hop.flow, true);
      return;
    }
    if (octets.size() >= 4) transports.send(source.hop, "\r\n");
  }

  void handle_response(SipMessage response) {
    ++context.counters.responses_in;
    const auto via = Via::parse(response.header(HeaderId::via));
    // A response that no transaction waits for goes nowhere (RFC 6026, 8.3).
    if (!via || !is_sound_response(response) || !transports.is_own(via->sent_by()) ||
        !transactions.handle_response(std::move(response), via->branch())) {
      ++context.counters.dropped;
    }
  }

  void handle_request(SipMessage message, const Source& source) {
    const auto method = message.method();
    ++context.counters.requests_in.at(static_cast<std::size_t>(method));
    IncomingRequest request;
    request.message = std::move(message);
    request.source = source;
    if (const auto bad = check_request(request)) {
      ++context.counters.malformed;
      return responder.reply_stateless(request, bad->status, bad->reason);
    }
    if (find_param(request.via.params, "alias") != nullptr) {
      transports.alias(source.hop.flow, request.via.sent_by().port);
    }
    if (transactions.absorb(request)) return;
    if (overload.level() > 0 && shed(request)) return;
    if (method == Method::subscribe && events.renew(request)) return;
    if (method == Method::ack) return proxy.handle_ack(std::move(request));
    if (method == Method::cancel) return proxy.handle_cancel(request);
    if (method == Method::register_) return handle_register(request);
    proxy.handle_request(std::move(request));
  }

  [[nodiscard]] static Work work_of(const IncomingRequest& request) {
    const auto& message = request.message;
    if (message.method() == Method::ack || message.method() == Method::cancel ||
        !tag_of(message.header(HeaderId::to)).empty()) {
      return Work::promised;
    }
    const bool begun = request.source.is_peer() || message.has(HeaderId::authorization) ||
                       message.has(HeaderId::proxy_authorization);
    return begun ? Work::begun : Work::fresh;
  }

  bool shed(const IncomingRequest& request) {
    const auto work = work_of(request);
    if (!overload.sheds(work, context.random)) return false;
    auto& counters = context.counters;
    ++(work == Work::fresh ? counters.shed_fresh : counters.shed_begun);
    responder.reply_stateless(request, 503, "Overloaded");
    return true;
  }

  /// For a domain of ours; a phone may have us as outbound proxy, too. Others' we do not pass on.
  void handle_register(IncomingRequest& request) {
    if (request.message.has(HeaderId::route)) {
      (void)take_own_routes(request.message, domains, tokens, context.now.wall);
      request.uri = Uri::parse(request.message.request_uri()).value_or(Uri{});
    }
    if (!domains.served(request.uri)) {
      return responder.reply_stateless(request, 404, "Unknown domain");
    }
    if (request.message.has(HeaderId::route)) return responder.reply_stateless(request, 403);
    registrar.handle_request(std::move(request));
  }
};

SipCore::SipCore(SipOptions options, TimerQueue& timers, Random& random, LocationService& locations,
                 CredentialService& credentials, NoticeSink notices)
    : implementation_(std::make_unique<Implementation>(
          std::move(options), timers, random, locations, credentials, std::move(notices))) {}

SipCore::~SipCore() = default;

LocalTransportId SipCore::add_local_transport(Transport transport, HostPort advertised) {
  return implementation_->transports.add_local(transport, std::move(advertised));
}

void SipCore::make_room(std::size_t transactions) {
  implementation_->context.timers.reserve(transactions);
  implementation_->transactions.reserve(transactions);
}

void SipCore::set_dns(DnsService* dns) {
  implementation_->locator.set_service(dns);
}

void SipCore::start_trunks() {
  implementation_->trunk_addresses.start();
  implementation_->trunk_registrations.start();
}

void SipCore::set_trunk_logins(const std::vector<TrunkOptions>& trunks) {
  implementation_->trunk_credentials.set_logins(trunks);
  implementation_->trunk_registrations.retry();
}

void SipCore::handle_time(Now now) {
  implementation_->context.now = now;
  implementation_->transactions.clean_up();
  implementation_->context.timers.run_due(now);
}

void SipCore::handle_datagram(LocalTransportId local, const HostPort& remote, ByteView octets) {
  implementation_->transactions.clean_up();
  const auto* at = implementation_->transports.local(local);
  if (at == nullptr || at->transport != Transport::udp) return;
  if (is_keepalive(octets)) return;  // Over UDP it wants no answer.
  const Source source{{Transport::udp, local, remote, FlowId::none}, {}};
  if (is_stun(octets)) {
    auto& context = implementation_->context;
    // Answers go to whoever was named as the sender: no more of them than of any others.
    if (!context.guard.admit(source, context.now.monotonic)) return;
    if (auto answer = answer_stun(octets, remote)) {
      implementation_->transports.send(source.hop, *std::move(answer));
    }
    return;
  }
  implementation_->handle_message(octets, source);
}

FlowId SipCore::handle_flow_accepted(LocalTransportId local, const HostPort& remote,
                                     std::string peer_id) {
  auto& core = *implementation_;
  const bool is_phone = peer_id.empty();
  if (is_phone && !core.context.guard.may_connect(remote, core.context.now.monotonic)) {
    return FlowId::none;
  }
  const auto flow = core.transports.accept(local, remote, std::move(peer_id));
  if (is_phone && flow != FlowId::none) core.context.guard.connected(flow, remote);
  return flow;
}

void SipCore::handle_flow_identities(FlowId flow, std::vector<std::string> names) {
  if (auto* known = implementation_->transports.find(flow)) known->identities = std::move(names);
}

void SipCore::handle_flow_opened(FlowId flow) {
  implementation_->transports.opened(flow);
}

void SipCore::handle_flow_bytes(FlowId flow, ByteView octets) {
  implementation_->transactions.clean_up();
  implementation_->handle_flow_bytes(flow, octets);
  implementation_->note_unfinished(flow);
  implementation_->watch_keepalives();
}

void SipCore::handle_flow_closed(FlowId flow, std::string_view reason) {
  auto& core = *implementation_;
  core.transactions.clean_up();
  if (const auto* known = core.transports.find(flow); known != nullptr && !known->open) {
    core.context.notice(Severity::warning, "sip: no connection to " + known->remote.text() + ": " +
                                               std::string{reason});
  }
  core.close_flow(flow, false);
}

void SipCore::handle_unreachable(LocalTransportId local, const HostPort& remote) {
  implementation_->transactions.clean_up();
  implementation_->transactions.handle_unreachable(local, remote);
}

void SipCore::handle_load(double load) {
  implementation_->overload.report(load);
}

void SipCore::remove_bindings(std::string aor, Handler<void> done) {
  implementation_->registrar.remove_all(std::move(aor), std::move(done));
}

std::optional<SipAction> SipCore::poll_action() {
  return implementation_->transports.poll();
}

std::optional<MonotonicTime> SipCore::next_deadline() const {
  return implementation_->context.timers.next_deadline();
}

void SipCore::start_draining() {
  implementation_->trunk_registrations.leave();
  implementation_->registrar.start_draining();
  implementation_->proxy.start_draining();
}

bool SipCore::drained() const {
  return !implementation_->registrar.busy() && !implementation_->transactions.busy();
}

void SipCore::send_phones_away(std::size_t count, bool unawaited) {
  auto& core = *implementation_;
  core.transactions.clean_up();
  const auto awaited = unawaited ? core.transactions.awaited_flows() : std::unordered_set<FlowId>{};
  for (const auto flow : core.transports.phone_flow_ids()) {
    if (count == 0) return;
    if (awaited.contains(flow)) continue;
    core.close_flow(flow, true);
    --count;
  }
}

void SipCore::close_flows() {
  for (const auto flow : implementation_->transports.flow_ids()) {
    // Whoever leaves in order has taken the bindings back before.
    implementation_->transports.forget(flow, true);
    implementation_->context.guard.disconnected(flow);
    implementation_->transactions.handle_flow_closed(flow);
  }
}

const SipCounters& SipCore::counters() const {
  return implementation_->context.counters;
}

SipGauges SipCore::gauges() const {
  const auto& core = *implementation_;
  return {core.registrar.binding_count(),
          core.registrar.aor_count(),
          core.transactions.server_count(),
          core.transactions.client_count(),
          core.transports.flow_count(),
          core.transports.phone_flow_count(),
          core.events.count(),
          core.overload.level()};
}

std::vector<TrunkStatus> SipCore::trunk_status() const {
  return implementation_->trunk_registrations.status();
}

std::vector<std::string> SipCore::own_aors() const {
  return implementation_->registrar.own_aors();
}

std::optional<OwnEntry> SipCore::own_entry(std::string_view aor) const {
  return implementation_->registrar.own_entry(aor);
}

}  // namespace carillon::sip
