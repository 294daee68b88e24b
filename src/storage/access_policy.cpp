#include "storage/access_policy.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/writer.hpp"

namespace carillon::storage {

namespace {

bool user_matches(const AccessQuestion& question) {
  const auto& user = question.signer.user_name;
  return !user.empty() && hash_to_resource(as_bytes(user)) == question.resource;
}

bool node_matches(const AccessQuestion& question) {
  return hash_to_resource(question.signer.node_id.bytes()) == question.resource;
}

bool user_and_node_match(const AccessQuestion& question) {
  const auto* entry = std::get_if<wire::DictionaryEntry>(&question.value.entry);
  return entry != nullptr && std::ranges::equal(entry->key, question.signer.node_id.bytes()) &&
         user_matches(question);
}

/// H(Node-ID || i); the RFC gives i no encoding. TurnServer.iteration, which is that i, is a
/// uint8 (9), so that is what we write; a uint32 is accepted, too.
bool node_multiple_matches(const AccessQuestion& question) {
  for (std::uint32_t i = 0; i <= question.rules.max_node_multiple; ++i) {
    Writer narrow;
    narrow.bytes(question.signer.node_id.bytes());
    if (i <= UINT8_MAX) {
      narrow.u8(static_cast<std::uint8_t>(i));
      if (hash_to_resource(narrow.view()) == question.resource) return true;
    }
    Writer wide;
    wide.bytes(question.signer.node_id.bytes());
    wide.u32(i);
    if (hash_to_resource(wide.view()) == question.resource) return true;
  }
  return false;
}

}  // namespace

ResourceId hash_to_resource(ByteView name) {
  const auto digest = sha1(name);
  return ResourceId{Bytes{digest.begin(), digest.begin() + NodeId::size}};
}

AccessPolicies AccessPolicies::standard() {
  AccessPolicies policies;
  policies.add("USER-MATCH", user_matches);
  policies.add("NODE-MATCH", node_matches);
  policies.add("USER-NODE-MATCH", user_and_node_match);
  policies.add("NODE-MULTIPLE", node_multiple_matches);
  return policies;
}

void AccessPolicies::add(std::string name, AccessPolicy policy) {
  policies_.insert_or_assign(std::move(name), std::move(policy));
}

bool AccessPolicies::allows(const AccessQuestion& question) const {
  const auto found = policies_.find(question.rules.access_control);
  if (found == policies_.end() || !found->second(question)) return false;
  const auto& accepts = question.rules.accepts_user;
  return !accepts || accepts(question.signer.user_name);
}

bool AccessPolicies::knows(std::string_view name) const {
  return policies_.contains(name);
}

}  // namespace carillon::storage
