#include "sip/trunk_credentials.hpp"

#include <utility>

#include "sip/name_address.hpp"

namespace carillon::sip {

void TrunkCredentials::set_logins(const std::vector<TrunkOptions>& trunks) {
  auto& known = context_.options.trunks;
  for (std::size_t i = 0; i < known.size(); ++i)
    known[i].login = trunks.at(i).login;
}

std::optional<std::size_t> TrunkCredentials::trunk_of(const Target& target,
                                                      const SipMessage& request, const Hop& hop) {
  if (target.trunk || tag_of(request.header(HeaderId::to)).empty()) return target.trunk;
  const auto* dialog = dialogs_.get(key_of(request));
  if (dialog == nullptr || dialog->host != hop.remote.host) return std::nullopt;
  return dialog->trunk;
}

Result<TrunkAnswer> TrunkCredentials::answer(std::size_t trunk, const SipMessage& response,
                                             const std::optional<TrunkAnswer>& before) const {
  const auto refuse = [](const char* why) { return fail(ErrorCode::forbidden, "trunk", why); };
  if (context_.options.trunks.at(trunk).login.username.empty()) {
    return refuse("it asks for a password, and none is set for it");
  }
  auto challenge = strongest_challenge(response);
  if (!challenge) return refuse("it asks for credentials in no way that we know");
  if (before && (!challenge->stale || before->again)) {
    return refuse("it does not take our user name and password");
  }
  return TrunkAnswer{trunk, *std::move(challenge), before.has_value()};
}

void TrunkCredentials::add(const TrunkAnswer& answer, SipMessage& request) const {
  const auto& login = context_.options.trunks.at(answer.trunk).login;
  const auto cnonce = hex64(context_.random.u64()) + hex64(context_.random.u64());
  const auto& challenge = answer.challenge;
  // What the phone has put there the trunk has seen, and it did not do.
  request.set(challenge.answer, digest_answer(challenge, login, request.method_text(),
                                              request.request_uri(), cnonce));
}

void TrunkCredentials::note_dialog(const SipMessage& request, std::size_t trunk, const Hop& hop) {
  dialogs_.put(key_of(request), {trunk, hop.remote.host});
}

}  // namespace carillon::sip
