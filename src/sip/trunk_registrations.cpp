#include "sip/trunk_registrations.hpp"

#include <algorithm>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/phone_number.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr seconds first_wait{30};
constexpr seconds longest_wait{600};
constexpr std::uint64_t longest_retry_after = 3600;
constexpr std::uint64_t longest_lifetime = 86'400;
constexpr seconds shortest_refresh{10};

std::string aor_text(const Uri& aor) {
  return "sip:" + escaped_user(aor.user) + "@" + host_text(aor.host);
}

/// Nobody else could do it either (16.7 step 6 has more); another server might.
bool is_server_failure(int status) {
  return status == 408 || status == 430 || (status >= 500 && status < 600);
}

seconds seconds_in(std::string_view value, std::uint64_t maximum) {
  const auto digits = trim(value.substr(0, value.find_first_of(";(")));
  const auto number = decimal(digits, ~std::uint64_t{0}).value_or(0);
  return seconds{static_cast<std::int64_t>(std::min(number, maximum))};
}

}  // namespace

TrunkRegistrations::TrunkRegistrations(CoreContext& context, Transports& transports,
                                       TransactionLayer& transactions, ServerLocator& locator,
                                       const TrunkCredentials& credentials)
    : context_(context),
      transports_(transports),
      transactions_(transactions),
      locator_(locator),
      credentials_(credentials) {
  const auto& trunks = context.options.trunks;
  for (std::size_t i = 0; i < trunks.size(); ++i) {
    auto at = Uri::parse(trunks[i].uri);
    auto aor = Uri::parse(trunks[i].register_as);
    if (!at || !aor || !aor->is_sip()) continue;
    auto line = std::make_unique<Registration>(context, i);
    line->at = *std::move(at);
    line->aor = *std::move(aor);
    line->call_id = hex64(context.random.u64()) + hex64(context.random.u64());
    line->tag = hex64(context.random.u64());
    lines_.push_back(std::move(line));
  }
}

void TrunkRegistrations::start() {
  for (const auto& line : lines_)
    attempt(*line);
}

void TrunkRegistrations::retry() {
  for (const auto& line : lines_) {
    if (line->trouble.empty() || !line->timer.is_set()) continue;
    line->failures = 0;
    line->timer.cancel();
    attempt(*line);
  }
}

void TrunkRegistrations::leave() {
  if (std::exchange(leaving_, true)) return;
  for (const auto& line : lines_) {
    line->timer.cancel();
    // One that is under way is taken back when it has been answered.
    if (line->client == TransactionId::none && line->ends > context_.now.monotonic) send(*line);
  }
}

void TrunkRegistrations::attempt(Registration& line) {
  auto target = target_at(line.at, {}, transports_);
  if (!target) return handle_failed(line, "no socket of ours reaches it");
  line.target = *std::move(target);
  if (!line.target.server) return send(line);
  locator_.locate(*line.target.server, [this, &line, alive = std::weak_ptr{context_.alive}](
                                           const std::vector<Server>& servers) {
    if (alive.expired() || leaving_) return;
    line.target = with_servers(line.target, servers, transports_);
    if (!line.target.hop) return handle_failed(line, "its name is not found");
    send(line);
  });
}

/// To the server whose turn it is; with an answer if it has asked.
void TrunkRegistrations::send(Registration& line) {
  line.taking_back = leaving_;
  auto hop = line.target.hop;
  if (hop && hop->transport != Transport::udp) {
    hop = transports_.to_address(hop->transport, hop->remote, line.target.server_name);
  }
  const auto client = hop ? transactions_.create_client(request(line, *hop), *hop) : std::nullopt;
  if (!client) return handle_failed(line, "it cannot be reached from here now");
  line.client = *client;
}

std::string TrunkRegistrations::contact(const Registration& line, const Hop& hop) const {
  const auto* local = transports_.local(hop.local);
  if (local == nullptr) return {};
  auto out = "sip:" + escaped_user(line.aor.user) + "@" + local->advertised.text();
  if (hop.transport != Transport::udp) out.append(";transport=").append(uri_name(hop.transport));
  return out;
}

SipMessage TrunkRegistrations::request(Registration& line, const Hop& hop) const {
  auto message = SipMessage::request("REGISTER", "sip:" + host_text(line.aor.host));
  const auto branch = transactions_.make_branch(context_.random.u64());
  message.append(HeaderId::via, transports_.via(hop, branch));
  message.append(HeaderId::max_forwards, "70");
  const auto aor = "<" + aor_text(line.aor) + ">";
  message.append(HeaderId::from, aor + ";tag=" + line.tag);
  message.append(HeaderId::to, aor);
  message.append(HeaderId::call_id, line.call_id);
  message.append(HeaderId::cseq, std::to_string(++line.cseq) + " REGISTER");
  message.append(HeaderId::contact, "<" + contact(line, hop) + ">");
  message.append(HeaderId::expires, std::to_string(line.taking_back ? 0 : line.wanted.count()));
  if (line.at.param("lr") != nullptr) {
    message.append(HeaderId::route, "<" + context_.options.trunks.at(line.trunk).uri + ">");
  }
  if (line.answered) credentials_.add(*line.answered, message);
  return message;
}

TrunkRegistrations::Registration* TrunkRegistrations::of(TransactionId client) const {
  const auto found =
      std::ranges::find_if(lines_, [client](const auto& line) { return line->client == client; });
  return found == lines_.end() ? nullptr : found->get();
}

void TrunkRegistrations::handle_response(TransactionId client, const SipMessage& response) {
  auto* line = of(client);
  const int status = response.status();
  if (line == nullptr || status < 200) return;
  line->client = TransactionId::none;
  if (status == 401 || status == 407) return handle_challenge(*line, response);
  line->answered.reset();
  if (status < 300) return handle_accepted(*line, response);
  if (status == 423 && !line->too_brief) return handle_brief(*line, response);
  const auto why = "it says " + std::to_string(status);
  if (is_server_failure(status) && !line->target.alternates.empty()) return try_next(*line, why);
  handle_failed(*line, why,
                seconds_in(response.header(HeaderId::retry_after), longest_retry_after));
}

void TrunkRegistrations::handle_failure(TransactionId client) {
  auto* line = of(client);
  if (line == nullptr) return;
  line->client = TransactionId::none;
  line->answered.reset();
  try_next(*line, "it does not answer");
}

void TrunkRegistrations::try_next(Registration& line, const std::string& why) {
  if (line.target.alternates.empty() || leaving_) return handle_failed(line, why);
  line.target = with_next(line.target);
  send(line);
}

void TrunkRegistrations::handle_challenge(Registration& line, const SipMessage& response) {
  auto answer = credentials_.answer(line.trunk, response, line.answered);
  line.answered.reset();
  if (!answer) return handle_failed(line, answer.error().detail);
  line.answered = *std::move(answer);
  send(line);
}

/// It wants to be troubled less often (10.3 step 7).
void TrunkRegistrations::handle_brief(Registration& line, const SipMessage& response) {
  const auto least = seconds_in(response.header(HeaderId::min_expires), longest_lifetime);
  line.too_brief = true;
  line.wanted = std::max(line.wanted, least);
  send(line);
}

/// How long our contact stays there, as its parameter says, or the header.
seconds TrunkRegistrations::granted(const Registration& line, const SipMessage& response) const {
  for (std::size_t i = 0; i < response.count(HeaderId::contact); ++i) {
    const auto found = NameAddress::parse(response.header(HeaderId::contact, i));
    if (!found || found->uri.user != line.aor.user || !transports_.is_own(found->uri.host_port())) {
      continue;
    }
    if (const auto expires = param_value(found->params, "expires"); !expires.empty()) {
      return seconds_in(expires, longest_lifetime);
    }
  }
  if (!response.has(HeaderId::expires)) return line.wanted;
  return seconds_in(response.header(HeaderId::expires), longest_lifetime);
}

void TrunkRegistrations::handle_accepted(Registration& line, const SipMessage& response) {
  if (line.taking_back) {
    line.ends = {};
    return;
  }
  const auto lifetime = granted(line, response);
  if (lifetime.count() == 0) return handle_failed(line, "it forgets us at once");
  line.ends = context_.now.monotonic + lifetime;
  line.failures = 0;
  line.too_brief = false;
  line.trouble.clear();
  if (leaving_) return send(line);
  const auto refresh = context_.random.jittered(lifetime * 5 / 8);
  line.timer.set(std::max<milliseconds>(refresh, shortest_refresh),
                 [this, &line] { attempt(line); });
}

void TrunkRegistrations::handle_failed(Registration& line, const std::string& why,
                                       seconds at_least) {
  if (leaving_) return;
  line.trouble = why;
  context_.notice(Severity::warning, "trunk " + context_.options.trunks.at(line.trunk).uri +
                                         ": not registered there: " + why);
  ++context_.counters.trunk_registrations_failed;
  // 30 s, 60 s, and so on; all give or take a quarter.
  const auto doubled = first_wait * (1U << std::min(line.failures++, 5U));
  const auto wait = std::max(std::min(doubled, longest_wait), at_least);
  line.timer.set(context_.random.jittered(wait), [this, &line] { attempt(line); });
}

std::vector<TrunkStatus> TrunkRegistrations::status() const {
  std::vector<TrunkStatus> out;
  const auto now = context_.now.monotonic;
  for (const auto& line : lines_) {
    const auto left = std::chrono::ceil<seconds>(line->ends - now);
    out.push_back({context_.options.trunks.at(line->trunk).uri, aor_text(line->aor),
                   std::max(left, seconds{0}), line->trouble});
  }
  return out;
}

}  // namespace carillon::sip
