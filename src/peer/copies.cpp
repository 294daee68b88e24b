#include "peer/copies.hpp"

#include <utility>

#include "peer/core.hpp"
#include "peer/value_verification.hpp"
#include "security/signing.hpp"

namespace carillon::peer {

Result<storage::MergeReport> take_copy(PeerCore& core, const ResourceId& resource,
                                       const transport::Response& response) {
  Reader reader{response.contents.message_body};
  auto answer = wire::FetchAns::decode(reader, core.data_models());
  if (reader.failed()) return std::unexpected(reader.error());
  wire::StoreReq copy;
  copy.resource = resource;
  copy.replica_number = 1;
  for (auto& kind : answer.kind_responses) {
    std::erase_if(kind.values, [](const wire::StoredData& value) {
      return security::is_unsigned_nonexistent(value);
    });
    copy.kind_data.push_back({kind.kind, kind.generation, std::move(kind.values)});
  }
  ValueVerification verification{core.authenticator, response.certificates};
  const storage::StoreContext context{core.now, verification, to_storage(response.signer)};
  auto merged = core.storage.merge(std::move(copy), context);
  if (merged) core.commit.mark();
  return merged;
}

}  // namespace carillon::peer
