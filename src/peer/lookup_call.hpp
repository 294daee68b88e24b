#pragma once

#include <utility>
#include <vector>

#include <carillon/overlay.hpp>

#include "peer/call.hpp"
#include "security/certificate_bucket.hpp"
#include "wire/fetch.hpp"

namespace carillon::peer {

/// Overlay::lookup: a Fetch, its values verified (RFC 6940, 7.4.2).
class LookupCall final : public Call {
 public:
  struct Request {
    ResourceId resource{};
    std::vector<KindId> kinds{};
  };
  using Report = LookupReport;

  LookupCall(PeerCore& core, CallId id, Request request, Overlay::Handler<Report> done)
      : Call(core, id), request_(std::move(request)), done_(std::move(done)) {}

 private:
  void attempt() override;
  void handle_response(const transport::Response& response) override;
  void give_up(const Error& error) override;

  [[nodiscard]] Result<wire::FetchReq> make_fetch();
  /// We are responsible ourselves.
  void look_here(const wire::FetchReq& fetch);
  void report(const wire::FetchAns& answer, const security::CertificateBucket& certificates);
  [[nodiscard]] std::optional<FoundValue> check(KindId kind, const wire::StoredData& data,
                                                const security::CertificateBucket& certificates);

  Request request_;
  Overlay::Handler<Report> done_;
};

}  // namespace carillon::peer
