#include "peer/store_call.hpp"

#include <algorithm>
#include <limits>

#include "peer/core.hpp"
#include "security/signing.hpp"

namespace carillon::peer {
namespace {

Result<wire::StoredDataValue> place(const ValueToStore& value, wire::DataModel model) {
  wire::DataValue data{value.exists, value.exists ? value.value : Bytes{}};
  const auto wrong = fail(ErrorCode::invalid_argument, "store",
                          "the position does not fit the data model of the Kind");
  switch (model) {
    case wire::DataModel::single_value:
      if (!std::holds_alternative<std::monostate>(value.position)) return wrong;
      return wire::StoredDataValue{std::move(data)};
    case wire::DataModel::array:
      if (const auto* index = std::get_if<std::uint32_t>(&value.position)) {
        return wire::StoredDataValue{wire::ArrayEntry{*index, std::move(data)}};
      }
      return wrong;
    case wire::DataModel::dictionary:
      if (const auto* key = std::get_if<Bytes>(&value.position)) {
        return wire::StoredDataValue{wire::DictionaryEntry{*key, std::move(data)}};
      }
      return wrong;
  }
  return wrong;
}

Result<std::shared_ptr<const security::Credential>> signer_for(PeerCore& core,
                                                               const std::string& user) {
  if (!user.empty()) return core.identity.user(user, core.now.wall);
  return std::make_shared<const security::Credential>(core.identity.node());
}

Result<wire::StoredData> signed_value(PeerCore& core, const security::Credential& signer,
                                      const ResourceId& resource, const ValueToStore& value,
                                      std::uint64_t storage_time) {
  const auto* kind = core.overlay().kind(value.kind);
  if (kind == nullptr) {
    return fail(ErrorCode::unknown_kind, "store",
                fmt::format("{:#x}", static_cast<std::uint32_t>(value.kind)));
  }
  if (value.value.size() > kind->max_size) {
    return fail(ErrorCode::data_too_large, "store",
                fmt::format("{} octets, the Kind allows {}", value.value.size(), kind->max_size));
  }
  auto placed = place(value, kind->data_model);
  if (!placed) return std::unexpected(placed.error());
  const auto lifetime = value.lifetime.count();
  if (lifetime < 0 || lifetime > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::invalid_argument, "store", "a lifetime is 0 to 2^32-1 seconds");
  }
  wire::StoredData data;
  data.storage_time = storage_time;
  data.lifetime = static_cast<std::uint32_t>(lifetime);
  data.value = std::move(*placed);
  if (auto done = security::sign_value(signer, resource, value.kind, data); !done) {
    return std::unexpected(done.error());
  }
  return data;
}

}  // namespace

Result<StoreCall::Request> StoreCall::prepare(PeerCore& core, const StoreRequest& request) {
  if (request.values.empty()) {
    return carillon::fail(ErrorCode::invalid_argument, "store", "no values");
  }
  auto signer = signer_for(core, request.user);
  if (!signer) return std::unexpected(signer.error());
  Request prepared;
  prepared.signer = *signer;
  prepared.store.resource = core.topology.hash(as_bytes(request.resource_name));
  const std::uint64_t storage_time = core.calls.next_storage_time();
  auto& kinds = prepared.store.kind_data;
  for (const ValueToStore& value : request.values) {
    auto data = signed_value(core, **signer, prepared.store.resource, value, storage_time);
    if (!data) return std::unexpected(data.error());
    auto kind = std::ranges::find(kinds, value.kind, &wire::StoreKindData::kind);
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {value.kind, 0, {}});
    kind->values.push_back(std::move(*data));
  }
  return prepared;
}

void StoreCall::attempt() {
  security::CertificateBucket certificates;
  certificates.add(*request_.signer);
  if (!core().topology.is_responsible(request_.store.resource)) {
    transport::RequestOptions options;
    options.certificates = std::move(certificates);
    options.credential = request_.signer;
    return send(request_.store.resource, wire::StoreReq::code, wire::encode(request_.store),
                std::move(options));
  }
  const security::Credential& credential = *request_.signer;
  auto chain = core().authenticator.chains().verify(credential.certificate,
                                                    credential.intermediates, core().now.wall);
  if (!chain) return end_with(chain.error());
  const storage::Signer signer{credential.certificate->user_name(), credential.node_id, *chain};
  core().stores.store_original(request_.store, signer, certificates,
                               [&core = core(), id = id()](storage::Answer<wire::StoreAns> answer) {
                                 auto* call = dynamic_cast<StoreCall*>(core.calls.find(id));
                                 if (call == nullptr || call->is_finished()) return;
                                 if (answer) return call->report(*answer);
                                 call->fail(answer.error().error);
                               });
}

void StoreCall::handle_response(const transport::Response& response) {
  const auto answer = wire::decode_whole<wire::StoreAns>(response.contents.message_body);
  if (!answer) return fail({ErrorCode::request_timeout, "StoreAns", "is malformed"});
  report(*answer);
}

void StoreCall::report(const wire::StoreAns& answer) {
  StoreReport report;
  for (const auto& kind : answer.kind_responses) {
    report.kinds.push_back({kind.kind, kind.generation_counter});
    report.replicas = std::max(report.replicas, static_cast<std::uint32_t>(kind.replicas.size()));
  }
  core().completions.add(std::move(done_), Result<StoreReport>{std::move(report)});
  finish();
}

void StoreCall::give_up(const Error& error) {
  core().completions.add(std::move(done_), Result<StoreReport>{std::unexpected(error)});
}

}  // namespace carillon::peer
