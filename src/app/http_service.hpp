#pragma once

#include <memory>
#include <string>

#include "app/leaving.hpp"
#include "app/node.hpp"
#include "io/http_server.hpp"

namespace carillon::app {

/// What a peer tells operators, load balancers and Kubernetes over HTTP:
///
///   /metrics   Prometheus' text format
///   /health    200 as long as the event loop turns
///   /ready     200 while the peer has joined, serves phones and does not leave; else 503. The
///              text says which
class HttpService {
 public:
  /// Throws Failure that names --http.
  HttpService(io::EventLoop& loop, const ListenAddress& at, Node& node, Leaving& leaving);

  /// "host:port"
  [[nodiscard]] std::string address() const;

 private:
  [[nodiscard]] io::HttpResponse answer(const io::HttpRequest& request);
  [[nodiscard]] io::HttpResponse ready();

  Node& node_;
  Leaving& leaving_;
  std::unique_ptr<io::HttpServer> server_;
};

}  // namespace carillon::app
