#include "sip/server_locator.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>

#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// What one transport is called in NAPTR and SRV (RFC 3263, 4.1; RFC 3261, 26.2.2).
struct ServiceName {
  Transport transport;
  std::string_view naptr;
  std::string_view srv;
};
constexpr std::array service_names{
    ServiceName{Transport::udp, "SIP+D2U", "_sip._udp."},
    ServiceName{Transport::tcp, "SIP+D2T", "_sip._tcp."},
    ServiceName{Transport::tls, "SIPS+D2T", "_sips._tcp."},
};

/// A server that the DNS has named, whose addresses are not known yet.
struct Candidate {
  Transport transport;
  std::string host;
  std::uint16_t port;
};

/// Where to ask for SRV records.
struct Place {
  Transport transport;
  std::string name;
};

}  // namespace

/// One question, from its first query to its answer. It lives as long as a query is under way.
class ServerLocator::Search : public std::enable_shared_from_this<Search> {
 public:
  Search(ServerLocator& locator, ServerQuery query, Done done)
      : locator_(locator), query_(std::move(query)), done_(std::move(done)) {}

  void start() {
    const auto fallback = query_.secure ? Transport::tls : Transport::udp;
    if (query_.port != 0) {
      add({query_.transport.value_or(fallback), query_.host, query_.port});
      return find_addresses();
    }
    if (query_.transport) {
      ask_at(*query_.transport, query_.host);
      return find_servers();
    }
    ask(query_.host, DnsType::naptr,
        [](Search& self, std::vector<DnsRecord> records) { self.take_naptr(std::move(records)); });
  }

 private:
  using Next = void (*)(Search&, std::vector<DnsRecord>);

  /// An error is like no records: another server may still be found.
  void ask(const std::string& name, DnsType type, Next next) {
    const auto now = locator_.context_.now.monotonic;
    if (const auto* known = locator_.cache_.find(name, type, now)) return next(*this, *known);
    locator_.service_->look_up(
        name, type,
        [self = shared_from_this(), name, type, next,
         alive = std::weak_ptr{locator_.context_.alive}](Result<DnsAnswer> answer) {
          if (alive.expired()) return;
          if (!answer) return next(*self, {});
          auto& locator = self->locator_;
          locator.cache_.keep(name, type, *answer, locator.context_.now.monotonic);
          next(*self, std::move(answer->records));
        });
  }

  [[nodiscard]] bool usable(Transport transport) const {
    return (!query_.secure || is_secure(transport)) &&
           locator_.transports_.first(transport) != nullptr;
  }

  void ask_at(Transport transport, const std::string& host) {
    for (const auto& known : service_names) {
      if (known.transport == transport)
        places_.push_back({transport, std::string{known.srv} + host});
    }
  }

  void take_naptr(std::vector<DnsRecord> records) {
    std::ranges::stable_sort(records, {}, [](const DnsRecord& record) {
      return std::pair{record.order, record.weight};
    });
    for (const auto& record : records) {
      for (const auto& known : service_names) {
        if (iequals(record.service, known.naptr) && iequals(record.flags, "s") &&
            usable(known.transport)) {
          places_.push_back({known.transport, record.text});
        }
      }
    }
    if (places_.empty()) {
      first_will_do_ = true;
      for (const auto& known : service_names) {
        if (usable(known.transport)) ask_at(known.transport, query_.host);
      }
    }
    find_servers();
  }

  void find_servers() {
    if (place_ == places_.size() || (first_will_do_ && !candidates_.empty())) {
      if (candidates_.empty()) {
        const auto transport =
            query_.transport.value_or(query_.secure ? Transport::tls : Transport::udp);
        add({transport, query_.host, default_port(transport)});
      }
      return find_addresses();
    }
    ask(places_[place_].name, DnsType::srv, [](Search& self, std::vector<DnsRecord> records) {
      sort_by_priority(records, self.locator_.context_.random);
      for (auto& record : records) {
        // "." says that the service is not there (RFC 2782).
        if (!record.text.empty()) {
          self.add({self.places_[self.place_].transport, std::move(record.text), record.port});
        }
      }
      ++self.place_;
      self.find_servers();
    });
  }

  void add(Candidate candidate) {
    if (candidates_.size() < max_servers) candidates_.push_back(std::move(candidate));
  }

  void find_addresses() {
    if (candidate_ == candidates_.size() || servers_.size() >= max_servers) return finish();
    const auto& candidate = candidates_[candidate_];
    if (auto address = canonical_ip(candidate.host)) {
      servers_.push_back({candidate.transport, {*std::move(address), candidate.port}});
      return next_candidate();
    }
    ask(candidate.host, DnsType::a, [](Search& self, std::vector<DnsRecord> records) {
      self.take_addresses(records);
      if (!self.speaks("::")) return self.next_candidate();
      self.ask(self.candidates_[self.candidate_].host, DnsType::aaaa,
               [](Search& again, std::vector<DnsRecord> more) {
                 again.take_addresses(more);
                 again.next_candidate();
               });
    });
  }

  [[nodiscard]] bool speaks(std::string_view host) const {
    return locator_.transports_.local_for(candidates_[candidate_].transport, host) != nullptr;
  }

  void take_addresses(const std::vector<DnsRecord>& records) {
    const auto& candidate = candidates_[candidate_];
    for (const auto& record : records) {
      auto address = canonical_ip(record.text);
      if (address && speaks(*address) && servers_.size() < max_servers) {
        servers_.push_back({candidate.transport, {*std::move(address), candidate.port}});
      }
    }
  }

  void next_candidate() {
    ++candidate_;
    find_addresses();
  }

  void finish() { std::exchange(done_, {})(std::move(servers_)); }

  ServerLocator& locator_;
  ServerQuery query_;
  Done done_;
  std::vector<Place> places_;
  std::size_t place_{0};
  bool first_will_do_{false};  ///< No NAPTR said which transports there are.
  std::vector<Candidate> candidates_;
  std::size_t candidate_{0};
  std::vector<Server> servers_;
};

void ServerLocator::locate(ServerQuery query, Done done) {
  if (service_ == nullptr) return done({});
  std::make_shared<Search>(*this, std::move(query), std::move(done))->start();
}

void sort_by_priority(std::vector<DnsRecord>& records, Random& random) {
  std::ranges::stable_sort(records, {}, &DnsRecord::order);
  for (auto first = records.begin(); first != records.end(); ++first) {
    const auto last = std::find_if(first, records.end(), [first](const DnsRecord& record) {
      return record.order != first->order;
    });
    const auto total = std::accumulate(
        first, last, std::uint64_t{0},
        [](std::uint64_t sum, const DnsRecord& record) { return sum + record.weight; });
    auto drawn = random.below(total + 1);
    auto chosen = first;
    while (drawn > chosen->weight) {
      drawn -= chosen->weight;
      ++chosen;
    }
    std::rotate(first, chosen, std::next(chosen));
  }
}

}  // namespace carillon::sip
