#pragma once

#include <utility>

#include <carillon/overlay.hpp>

#include "peer/call.hpp"
#include "wire/find.hpp"

namespace carillon::peer {

/// Overlay::find_next: Find requests from peer to peer, clockwise, until one knows of a resource
/// or the walk has come round (RFC 6940, 7.4.4).
class FindCall final : public Call {
 public:
  static constexpr unsigned max_steps = 100'000;

  struct Request {
    ResourceId from{};
    KindId kind{};
  };
  using Report = FindReport;

  FindCall(PeerCore& core, CallId id, Request request, Overlay::Handler<Report> done);

 private:
  void attempt() override;
  void handle_response(const transport::Response& response) override;
  void give_up(const Error& error) override;
  /// What `peer` knows, from `at_` to its own place.
  void handle_answer(const wire::FindAns& answer, const NodeId& peer);
  void report(std::optional<ResourceId> resource);

  Request request_;
  Overlay::Handler<Report> done_;
  ResourceId at_;
  unsigned steps_{0};
};

}  // namespace carillon::peer
