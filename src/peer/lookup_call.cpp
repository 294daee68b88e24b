#include "peer/lookup_call.hpp"

#include <algorithm>

#include "peer/core.hpp"
#include "peer/value_verification.hpp"
#include "security/signing.hpp"

namespace carillon::peer {
namespace {

std::variant<std::monostate, std::uint32_t, Bytes> position_of(const wire::StoredDataValue& value) {
  if (const auto* entry = std::get_if<wire::ArrayEntry>(&value.entry)) return entry->index;
  if (const auto* entry = std::get_if<wire::DictionaryEntry>(&value.entry)) return entry->key;
  return std::monostate{};
}

}  // namespace

Result<wire::FetchReq> LookupCall::make_fetch() {
  wire::FetchReq fetch;
  fetch.resource = request_.resource;
  for (const KindId kind : request_.kinds) {
    const auto model = core().overlay().data_model(kind);
    if (!model) {
      return carillon::fail(ErrorCode::unknown_kind, "lookup",
                            fmt::format("{:#x}", static_cast<std::uint32_t>(kind)));
    }
    fetch.specifiers.push_back(wire::StoredDataSpecifier::all(kind, *model));
  }
  return fetch;
}

void LookupCall::attempt() {
  auto fetch = make_fetch();
  if (!fetch) return end_with(fetch.error());
  if (!core().topology.is_responsible(request_.resource)) {
    return send(request_.resource, wire::FetchReq::code, wire::encode(*fetch));
  }
  if (!core().completeness.may_lack(request_.resource)) return look_here(*fetch);
  core().completeness.take(request_.resource, [&core = core(), id = id(),
                                               fetch = *std::move(fetch)](Result<void> taken) {
    auto* call = static_cast<LookupCall*>(core.calls.find(id));
    if (call == nullptr || call->is_finished()) return;
    if (!taken) return call->fail(taken.error());
    call->look_here(fetch);
  });
}

void LookupCall::look_here(const wire::FetchReq& fetch) {
  auto outcome = core().storage.fetch(fetch, core().now);
  if (!outcome) return end_with(outcome.error().error);
  report(outcome->content, core().bucket_of(outcome->certificates));
}

void LookupCall::handle_response(const transport::Response& response) {
  Reader reader{response.contents.message_body};
  const auto answer = wire::FetchAns::decode(reader, core().data_models());
  reader.expect_end("FetchAns");
  if (reader.failed()) return fail({ErrorCode::request_timeout, "FetchAns", "is malformed"});
  report(answer, response.certificates);
}

void LookupCall::report(const wire::FetchAns& answer,
                        const security::CertificateBucket& certificates) {
  LookupReport found;
  for (const KindId kind : request_.kinds) {
    const auto response =
        std::ranges::find(answer.kind_responses, kind, &wire::FetchKindResponse::kind);
    if (response == answer.kind_responses.end()) continue;
    for (const wire::StoredData& data : response->values) {
      if (security::is_unsigned_nonexistent(data)) continue;
      if (auto value = check(kind, data, certificates)) found.values.push_back(std::move(*value));
    }
  }
  core().completions.add(std::move(done_), Result<LookupReport>{std::move(found)});
  finish();
}

std::optional<FoundValue> LookupCall::check(KindId kind, const wire::StoredData& data,
                                            const security::CertificateBucket& certificates) {
  ValueVerification verification{core().authenticator, certificates};
  const auto signer = verification.verify(request_.resource, kind, data, core().now);
  const storage::KindRules* rules = core().storage.kinds().find(kind);
  const bool good = signer && rules != nullptr && !data.unknown &&
                    data.value.model() == rules->data_model &&
                    core().policies.allows({request_.resource, kind, *rules, data.value, *signer});
  if (!good) {
    ++core().calls.counters().values_rejected;
    return std::nullopt;
  }
  if (!data.value.data_value().exists) return std::nullopt;
  return FoundValue{kind,
                    position_of(data.value),
                    data.value.data_value().value,
                    data.storage_time,
                    seconds{data.lifetime},
                    signer->user_name,
                    signer->node_id};
}

void LookupCall::give_up(const Error& error) {
  core().completions.add(std::move(done_), Result<LookupReport>{std::unexpected(error)});
}

}  // namespace carillon::peer
