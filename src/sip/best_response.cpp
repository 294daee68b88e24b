#include "sip/best_response.hpp"

#include <string>
#include <utility>

namespace carillon::sip {
namespace {

/// The smaller, the better: 6xx first, then the lowest class; within 4xx those that the caller can
/// do something about, and last those that only say that one phone is not there.
int rank(int status) {
  if (status >= 600) return 0;
  const int group = status / 100 * 10;
  switch (status) {
    case 401:
    case 407:
    case 415:
    case 420:
    case 484:
      return group;
    case 408:
    case 430:
    case 480:
      return group + 2;
    default:
      return group + 1;
  }
}

SipMessage with_status(const SipMessage& response, int status) {
  return make_response(response, status, {});
}

}  // namespace

void BestResponse::add(SipMessage response) {
  for (const auto id : {HeaderId::www_authenticate, HeaderId::proxy_authenticate}) {
    for (std::size_t i = 0; i < response.count(id); ++i) {
      challenges_.push_back({id, std::string{response.header(id, i)}});
    }
  }
  if (!best_ || rank(response.status()) < rank(best_->status())) best_ = std::move(response);
}

SipMessage BestResponse::take() {
  auto response = *std::move(best_);
  best_.reset();
  if (response.status() == 503) return with_status(response, 500);
  if (response.status() == 430) return with_status(response, 480);
  if (response.status() == 401 || response.status() == 407) {
    response.remove_all(HeaderId::www_authenticate);
    response.remove_all(HeaderId::proxy_authenticate);
    for (const auto& challenge : challenges_)
      response.append(challenge.id, challenge.value);
  }
  return response;
}

}  // namespace carillon::sip
