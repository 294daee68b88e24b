#include "io/dns_resolver.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netdb.h>
#include <sys/time.h>

#include "io/dns_records.hpp"

namespace carillon::io {
namespace {

/// A call waits for it: two tries of each server, the second within four seconds.
constexpr int query_timeout_ms = 1'500;
constexpr int query_tries = 2;

/// Who changes the file sees it soon, and a burst of calls reads it once.
constexpr seconds hosts_file_ttl{5};

using DnsSocket = boost::asio::posix::stream_descriptor;

int wire_type(sip::DnsType type) {
  switch (type) {
    case sip::DnsType::a:
      return ns_t_a;
    case sip::DnsType::aaaa:
      return ns_t_aaaa;
    case sip::DnsType::srv:
      return ns_t_srv;
    case sip::DnsType::naptr:
      return ns_t_naptr;
  }
  return ns_t_a;
}

/// What /etc/hosts says, which c-ares reads; nothing if it does not name the host.
std::optional<sip::DnsAnswer> hosts_file(ares_channel channel, const std::string& name,
                                         sip::DnsType type) {
  if (type != sip::DnsType::a && type != sip::DnsType::aaaa) return std::nullopt;
  const int family = type == sip::DnsType::a ? AF_INET : AF_INET6;
  hostent* read = nullptr;
  if (ares_gethostbyname_file(channel, name.c_str(), family, &read) != ARES_SUCCESS) {
    return std::nullopt;
  }
  const std::unique_ptr<hostent, decltype(&ares_free_hostent)> host{read, ares_free_hostent};
  sip::DnsAnswer answer;
  answer.ttl = hosts_file_ttl;
  for (char** each = host->h_addr_list; host->h_addrtype == family && *each != nullptr; ++each) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (ares_inet_ntop(family, *each, text.data(), text.size()) == nullptr) continue;
    answer.records.push_back({.text = text.data()});
  }
  if (answer.records.empty()) return std::nullopt;
  return answer;
}

}  // namespace

/// c-ares' channel and the sockets that it has open.
class DnsResolver::Channel {
 public:
  Channel(EventLoop& loop, Hooks hooks)
      : loop_(loop), hooks_(std::move(hooks)), timer_(loop.context()) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    ending_ = true;
    if (channel_ != nullptr) ares_destroy(channel_);
    for (auto& [fd, watched] : watched_)
      watched->descriptor.release();  // They are c-ares' to close.
  }

  Result<void> open(const std::vector<std::string>& servers) {
    ares_options options{};
    options.timeout = query_timeout_ms;
    options.tries = query_tries;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<Channel*>(self)->watch(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (const int error = ares_init_options(&channel_, &options, mask); error != ARES_SUCCESS) {
      return fail(ErrorCode::io, "DNS", ares_strerror(error));
    }
    std::string list;
    for (const auto& server : servers)
      list.append(list.empty() ? "" : ",").append(server);
    if (list.empty()) return {};
    if (const int error = ares_set_servers_ports_csv(channel_, list.c_str());
        error != ARES_SUCCESS) {
      return fail(ErrorCode::invalid_argument, "DNS server", ares_strerror(error));
    }
    return {};
  }

  void query(const std::string& name, sip::DnsType type, sip::Handler<sip::DnsAnswer> done) {
    if (auto known = hosts_file(channel_, name, type))
      return tell(std::move(done), *std::move(known));
    auto query = std::make_unique<Query>(*this, type, std::move(done));
    ares_query(
        channel_, name.c_str(), ns_c_in, wire_type(type),
        [](void* held, int status, int, unsigned char* answer, int size) {
          const std::unique_ptr<Query> own{static_cast<Query*>(held)};
          own->channel.answered(*own, status, answer, size);
        },
        query.release());
    arm();
  }

 private:
  struct Query {
    Query(Channel& channel_in, sip::DnsType type_in, sip::Handler<sip::DnsAnswer> done_in)
        : channel(channel_in), type(type_in), done(std::move(done_in)) {}
    Channel& channel;
    sip::DnsType type;
    sip::Handler<sip::DnsAnswer> done;
  };
  /// One socket of c-ares.
  struct Watched {
    Watched(boost::asio::io_context& context, ares_socket_t fd) : descriptor(context, fd) {}
    DnsSocket descriptor;
    bool reads{false};
    bool writes{false};
    bool waits_to_read{false};
    bool waits_to_write{false};
  };

  /// Also called from within ares_query: the answer is told in a handler of its own.
  void answered(Query& query, int status, const unsigned char* answer, int size) {
    if (ending_) return;
    const bool nothing = status == ARES_ENODATA || status == ARES_ENOTFOUND;
    if (status != ARES_SUCCESS && !nothing) {
      return tell(std::move(query.done),
                  fail(ErrorCode::unreachable, "DNS", ares_strerror(status)));
    }
    const ByteView octets{answer, answer == nullptr ? 0 : static_cast<std::size_t>(size)};
    auto found = read_dns_answer(octets, query.type);
    if (nothing) found.records.clear();
    tell(std::move(query.done), std::move(found));
  }

  void tell(sip::Handler<sip::DnsAnswer> done, Result<sip::DnsAnswer> result) {
    boost::asio::post(loop_.context(), [this, done = std::move(done), result = std::move(result),
                                        alive = std::weak_ptr(alive_)]() mutable {
      if (alive.expired()) return;
      hooks_.begin_input();
      done(std::move(result));
      hooks_.done();
    });
  }

  void watch(ares_socket_t fd, bool reads, bool writes) {
    if (ending_) return;
    auto& watched = watched_[fd];
    if (!reads && !writes) {
      if (watched) watched->descriptor.release();
      watched_.erase(fd);
      return;
    }
    if (!watched) watched = std::make_shared<Watched>(loop_.context(), fd);
    watched->reads = reads;
    watched->writes = writes;
    wait(fd, watched);
  }

  void wait(ares_socket_t fd, const std::shared_ptr<Watched>& watched) {
    if (watched->reads) wait(fd, watched, DnsSocket::wait_read, &Watched::waits_to_read);
    if (watched->writes) wait(fd, watched, DnsSocket::wait_write, &Watched::waits_to_write);
  }

  void wait(ares_socket_t fd, const std::shared_ptr<Watched>& watched, DnsSocket::wait_type what,
            bool Watched::* waits) {
    if (std::exchange(*watched.*waits, true)) return;
    watched->descriptor.async_wait(
        what, [this, fd, watched, what, waits, alive = std::weak_ptr(alive_)](const auto& error) {
          *watched.*waits = false;
          if (!error && !alive.expired()) ready(fd, watched, what == DnsSocket::wait_read);
        });
  }

  void ready(ares_socket_t fd, const std::shared_ptr<Watched>& watched, bool to_read) {
    ares_process_fd(channel_, to_read ? fd : ARES_SOCKET_BAD, to_read ? ARES_SOCKET_BAD : fd);
    const auto found = watched_.find(fd);
    if (found != watched_.end() && found->second == watched) wait(fd, watched);
    arm();
  }

  /// c-ares has its own timeouts, which somebody must look at.
  void arm() {
    timeval space{};
    const auto* next = ares_timeout(channel_, nullptr, &space);
    if (next == nullptr) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::seconds{next->tv_sec} +
                         std::chrono::microseconds{next->tv_usec});
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
      if (error || alive.expired()) return;
      ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      arm();
    });
  }

  EventLoop& loop_;
  Hooks hooks_;
  boost::asio::steady_timer timer_;
  ares_channel channel_{nullptr};
  std::unordered_map<ares_socket_t, std::shared_ptr<Watched>> watched_;
  bool ending_{false};
  /// A handler that was queued before we ended finds it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Result<std::unique_ptr<DnsResolver>> DnsResolver::create(EventLoop& loop,
                                                         const std::vector<std::string>& servers,
                                                         Hooks hooks) {
  auto channel = std::make_unique<Channel>(loop, std::move(hooks));
  if (auto opened = channel->open(servers); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<DnsResolver>(new DnsResolver(std::move(channel)));
}

DnsResolver::DnsResolver(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

DnsResolver::~DnsResolver() = default;

void DnsResolver::look_up(std::string name, sip::DnsType type, sip::Handler<sip::DnsAnswer> done) {
  channel_->query(name, type, std::move(done));
}

}  // namespace carillon::io
