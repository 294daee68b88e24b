#include "app/metrics.hpp"

#include <fmt/format.h>

#include "app/metric_families.hpp"

namespace carillon::app {
namespace {

using Samples = std::vector<MetricFamilies::Sample>;

template <typename Number>
MetricFamilies::Sample labelled(const char* label, std::string_view text, Number value) {
  return {{{label, std::string(text)}}, static_cast<double>(value)};
}

std::uint64_t successes(const sip::SipCounters& counters, sip::Method method) {
  return counters.responses_out.at(static_cast<std::size_t>(method)).at(1);
}

void add_sip_requests(MetricFamilies& families, const sip::SipCounters& counters) {
  Samples requests;
  Samples responses;
  for (std::size_t i = 0; i < sip::method_count; ++i) {
    const auto method = sip::to_string(static_cast<sip::Method>(i));
    requests.push_back(labelled("method", method, counters.requests_in.at(i)));
    const auto& classes = counters.responses_out.at(i);
    for (std::size_t j = 0; j < classes.size(); ++j) {
      if (classes.at(j) == 0) continue;
      responses.push_back({{{"method", std::string(method)}, {"class", fmt::format("{}xx", j + 1)}},
                           static_cast<double>(classes.at(j))});
    }
  }
  families.counter("carillon_sip_requests_total",
                   "SIP requests that came in, retransmissions included", std::move(requests));
  families.counter("carillon_sip_responses_total", "SIP responses that were sent",
                   std::move(responses));
}

/// What was refused, and to whom: the limits of one address and one user, and overload.
void add_refusals(MetricFamilies& families, const sip::SipCounters& counters,
                  const sip::SipGauges& gauges) {
  families.counter("carillon_sip_refused_total",
                   "SIP messages, or connections, that were over a limit",
                   Samples{labelled("reason", "flood", counters.dropped_flood),
                           labelled("reason", "banned", counters.dropped_banned),
                           labelled("reason", "user", counters.refused_users),
                           labelled("reason", "connections", counters.refused_connections),
                           labelled("reason", "overload_new", counters.shed_fresh),
                           labelled("reason", "overload_begun", counters.shed_begun)});
  families.counter("carillon_sip_wrong_passwords_total", "Requests with a wrong password",
                   counters.wrong_passwords);
  families.counter("carillon_sip_bans_total", "Addresses that were banned, for a time",
                   counters.bans);
  families.gauge("carillon_sip_overload",
                 "0: nothing is shed; 1: all new work; 2: all that is not under way",
                 gauges.overload);
}

void add_sip(MetricFamilies& families, const sip::SipCounters& counters,
             const sip::SipGauges& gauges) {
  families.counter("carillon_registrations_total", "REGISTERs that succeeded",
                   successes(counters, sip::Method::register_));
  families.counter("carillon_refreshes_total",
                   "Of those, answered without asking the overlay anything", counters.refreshes);
  families.counter("carillon_calls_total", "INVITEs that were answered with 2xx",
                   successes(counters, sip::Method::invite));
  families.counter("carillon_redirects_total", "Requests that were answered with 302",
                   counters.redirects);
  families.counter("carillon_taken_over_total",
                   "Requests in calls whose peer, or the phone's connection, was gone",
                   counters.taken_over);
  families.counter("carillon_trunk_requests_total", "Requests for numbers that no user here has",
                   counters.trunk_requests);
  families.counter("carillon_trunk_failures_total", "How often a trunk did not take one",
                   counters.trunk_failures);
  add_sip_requests(families, counters);
  families.counter("carillon_sip_problems_total", "SIP messages with which something was wrong",
                   Samples{labelled("problem", "malformed", counters.malformed),
                           labelled("problem", "dropped", counters.dropped),
                           labelled("problem", "overloaded", counters.overloaded)});
  add_refusals(families, counters, gauges);
  families.counter("carillon_sip_retransmissions_total", "SIP requests that came again",
                   counters.retransmissions);
  families.gauge("carillon_bindings", "Contacts that are registered here", gauges.bindings);
  families.gauge("carillon_aors", "Users with a phone that is registered here", gauges.aors);
  families.gauge("carillon_sip_flows", "Connections of phones and, for SIP, of peers",
                 gauges.flows);
  families.gauge("carillon_sip_subscriptions", "To the registrations of users (RFC 3680)",
                 gauges.subscriptions);
  families.gauge("carillon_sip_transactions", "SIP transactions under way",
                 Samples{labelled("side", "server", gauges.server_transactions),
                         labelled("side", "client", gauges.client_transactions)});
}

void add_capture(MetricFamilies& families, const io::CaptureSender* capture) {
  if (capture == nullptr) return;
  families.counter("carillon_capture_packets_total", "SIP messages for the Homer collector",
                   Samples{labelled("result", "sent", capture->sent()),
                           labelled("result", "dropped", capture->dropped())});
}

void add_ring(MetricFamilies& families, const peer::PeerStatus& status) {
  using enum peer::PeerState;
  Samples states;
  for (const auto state : {idle, joining, joined, draining, left}) {
    states.push_back(labelled("state", to_string(state), status.state == state ? 1 : 0));
  }
  families.gauge("carillon_ring_state", "1 for the state that the peer is in", std::move(states));
  families.gauge("carillon_ring_neighbors", "Entries of the routing table",
                 Samples{labelled("table", "predecessors", status.predecessors.size()),
                         labelled("table", "successors", status.successors.size()),
                         labelled("table", "fingers", status.fingers.size())});
  families.gauge("carillon_ring_share", "Of the ring, for which this peer answers",
                 status.range_fraction);
  families.gauge("carillon_ring_estimated_peers", "In the whole overlay", status.estimated_peers);
  families.gauge("carillon_uptime_seconds", "Since the overlay was joined", status.uptime.count());
  families.gauge("carillon_configuration_sequence", "Of the configuration document",
                 static_cast<unsigned>(status.configuration_sequence));
  families.gauge("carillon_links", "Open connections to other nodes", status.links);
}

void add_overlay(MetricFamilies& families, const peer::PeerStatus& status) {
  const auto& calls = status.calls;
  families.counter(
      "carillon_overlay_calls_total", "What was asked of the overlay from here",
      Samples{labelled("call", "lookup", calls.lookups), labelled("call", "store", calls.stores)});
  families.counter("carillon_overlay_calls_failed_total", "Of those, without success",
                   calls.failed);
  families.counter("carillon_overlay_calls_retried_total", "Tried again", calls.retried);
  families.counter("carillon_overlay_values_rejected_total",
                   "Values found with a wrong signature or signer", calls.values_rejected);
  families.gauge("carillon_overlay_calls_under_way", "Lookups and stores not yet answered",
                 status.calls_under_way);
  const auto& transport = status.transport;
  families.counter("carillon_messages_total", "RELOAD messages",
                   Samples{labelled("what", "requests_sent", transport.requests_sent),
                           labelled("what", "requests_received", transport.requests_received),
                           labelled("what", "retransmissions", transport.retransmissions),
                           labelled("what", "timeouts", transport.timeouts),
                           labelled("what", "errors_sent", transport.errors_sent),
                           labelled("what", "malformed", transport.malformed),
                           labelled("what", "not_authentic", transport.not_authentic),
                           labelled("what", "forwarded", status.forwarding.forwarded),
                           labelled("what", "rerouted", status.forwarding.rerouted)});
  families.gauge("carillon_clock_behind_seconds",
                 "How far our clock is behind those of other peers (negative: ahead)",
                 std::chrono::duration<double>(status.clock.behind).count());
  families.gauge("carillon_clock_compared_peers", "With so many peers it was compared",
                 status.clock.compared);
  const auto& replication = status.replication;
  families.gauge("carillon_transfers", "Ranges of data on their way to other peers",
                 Samples{labelled("state", "running", replication.transfers_running),
                         labelled("state", "waiting", replication.transfers_waiting)});
  families.gauge("carillon_replicas_behind", "Replicas known to have missed something",
                 replication.behind);
  families.counter("carillon_resources_sent_total", "Resources sent in transfers",
                   replication.resources_sent);
}

void add_stored(MetricFamilies& families, Node& node) {
  const auto& counts = node.stored_counter().ask();
  if (!counts) return;
  Samples samples;
  for (const auto& [kind, count] : *counts)
    samples.push_back(labelled("kind", node.kind_name(kind), count));
  families.gauge("carillon_stored_resources", "Resources stored here, replicas included",
                 std::move(samples));
}

void add_leaving(MetricFamilies& families, Leaving& leaving) {
  const auto progress = leaving.progress();
  Samples stages;
  for (const auto stage : leaving_stages)
    stages.push_back(labelled("stage", to_string(stage), progress.stage == stage ? 1 : 0));
  families.gauge("carillon_leave_stage", "1 for the stage that leaving has reached",
                 std::move(stages));
  families.gauge("carillon_leave_seconds", "Since leaving was asked for",
                 static_cast<double>(progress.elapsed.count()) / 1e3);
  families.gauge("carillon_leave_remaining", "What leaving waits for, or would",
                 Samples{labelled("what", "transactions", progress.transactions),
                         labelled("what", "phones", progress.phones),
                         labelled("what", "withdrawals", progress.withdrawals),
                         labelled("what", "transfers", progress.transfers)});
}

}  // namespace

std::string metrics_text(Node& node, Leaving& leaving) {
  node.scheduler().begin_input();
  MetricFamilies families;
  const auto status = node.peer().status();
  families.gauge("carillon_build_info", "1; its label says which program this is",
                 Samples{labelled("version", CARILLON_VERSION, 1)});
  add_ring(families, status);
  add_sip(families, node.sip().counters(), node.sip().gauges());
  add_capture(families, node.capture());
  add_overlay(families, status);
  families.gauge(
      "carillon_certificate_ends_seconds", "When our certificate ends, in Unix time",
      std::chrono::floor<seconds>(node.certificate().not_after().time_since_epoch()).count());
  add_stored(families, node);
  add_leaving(families, leaving);
  add_process_metrics(families);
  return families.text();
}

}  // namespace carillon::app
