#include "app/http_service.hpp"

#include "app/failure.hpp"
#include "app/metrics.hpp"
#include "io/socket_address.hpp"

namespace carillon::app {

HttpService::HttpService(io::EventLoop& loop, const ListenAddress& at, Node& node, Leaving& leaving)
    : node_(node),
      leaving_(leaving),
      server_(must(io::HttpServer::listen(
                       loop, {at.address, at.port},
                       [this](const io::HttpRequest& request, const io::HttpServer::Reply& reply) {
                         reply(answer(request));
                       }),
                   "--http")) {}

std::string HttpService::address() const {
  const auto bound = server_->local_endpoint();
  return io::to_text(io::host_text(bound.address()), bound.port());
}

io::HttpResponse HttpService::answer(const io::HttpRequest& request) {
  const bool known =
      request.path == "/metrics" || request.path == "/health" || request.path == "/ready";
  if (!known) return {.status = 404, .body = "there are /metrics, /health and /ready\n"};
  if (request.method != "GET" && request.method != "HEAD") {
    return {.status = 405, .body = "only GET and HEAD\n", .headers = {{"Allow", "GET, HEAD"}}};
  }
  if (request.path == "/health") return {.body = "alive\n"};
  if (request.path == "/ready") return ready();
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = metrics_text(node_, leaving_)};
}

io::HttpResponse HttpService::ready() {
  node_.scheduler().begin_input();
  if (leaving_.started()) {
    return {.status = 503,
            .body = "draining: " + std::string(to_string(leaving_.progress().stage)) + "\n"};
  }
  const auto state = node_.peer().state();
  if (state != peer::PeerState::joined || !node_.serves_phones()) {
    return {.status = 503, .body = std::string(to_string(state)) + "\n"};
  }
  return {.body = "ready\n"};
}

}  // namespace carillon::app
