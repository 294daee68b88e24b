#pragma once

#include <memory>
#include <utility>

#include <carillon/overlay.hpp>

#include "peer/call.hpp"
#include "security/credential.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

/// Overlay::store: values signed once, by the user or the node, and an original Store to whoever is
/// responsible (RFC 6940, 7.4.1). Asking twice does no harm: a value that is there is accepted.
class StoreCall final : public Call {
 public:
  struct Request {
    wire::StoreReq store{};  ///< Its values signed.
    std::shared_ptr<const security::Credential> signer{};
  };
  using Report = StoreReport;

  StoreCall(PeerCore& core, CallId id, Request request, Overlay::Handler<Report> done)
      : Call(core, id), request_(std::move(request)), done_(std::move(done)) {}

  /// The Store that an application asks for, signed. `invalid_argument` (a position that the
  /// Kind's data model does not have, a Kind twice over, nothing to store), `unknown_kind`,
  /// `data_too_large`; `forbidden` if we cannot sign for the user.
  [[nodiscard]] static Result<Request> prepare(PeerCore& core, const StoreRequest& request);

 private:
  void attempt() override;
  void handle_response(const transport::Response& response) override;
  void give_up(const Error& error) override;
  void report(const wire::StoreAns& answer);

  Request request_;
  Overlay::Handler<Report> done_;
};

}  // namespace carillon::peer
