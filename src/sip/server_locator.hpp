#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/dns_cache.hpp"
#include "sip/dns_service.hpp"
#include "sip/transports.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {

/// What a URI says of the server that is to get a request, if it names its host.
struct ServerQuery {
  std::string host{};
  std::uint16_t port{};                  ///< 0: not given.
  std::optional<Transport> transport{};  ///< As the transport parameter has it.
  bool secure{false};                    ///< sips:

  friend bool operator==(const ServerQuery&, const ServerQuery&) = default;
};

/// Where it can be sent.
struct Server {
  Transport transport{};
  HostPort address{};

  friend bool operator==(const Server&, const Server&) = default;
};

/// Finds servers by their names (RFC 3263, 4): NAPTR, SRV, addresses.
class ServerLocator {
 public:
  using Done = std::move_only_function<void(std::vector<Server> servers)>;
  /// More are not tried.
  static constexpr std::size_t max_servers = 8;

  ServerLocator(CoreContext& context, const Transports& transports)
      : context_(context), transports_(transports) {}

  /// `service` must outlive us. Without one, no name is found.
  void set_service(DnsService* service) { service_ = service; }

  /// `done` gets the servers in the order in which they are to be tried (4.3), of the transports
  /// and IP versions that we have sockets for; empty if there are none. It may run inside the call.
  void locate(ServerQuery query, Done done);

 private:
  class Search;

  CoreContext& context_;
  const Transports& transports_;
  DnsService* service_{nullptr};
  DnsCache cache_;
};

/// Sorts SRV records: by priority, and within one at random, by weight (RFC 2782).
void sort_by_priority(std::vector<DnsRecord>& records, Random& random);

}  // namespace carillon::sip
