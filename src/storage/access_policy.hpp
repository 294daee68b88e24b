#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "storage/kind_table.hpp"
#include "storage/signer.hpp"

namespace carillon::storage {

/// The overlay's hash from names to places (10.2): the first 16 octets of SHA-1.
[[nodiscard]] ResourceId hash_to_resource(ByteView name);

/// May `signer` write `value` there?
struct AccessQuestion {
  const ResourceId& resource;
  KindId kind{};
  const KindRules& rules;
  const wire::StoredDataValue& value;
  const Signer& signer;
};

/// An access control policy (RFC 6940, 7.3). Must only look at the question.
using AccessPolicy = std::function<bool(const AccessQuestion&)>;

/// The policies by the names that configuration documents use (14.4).
class AccessPolicies {
 public:
  /// USER-MATCH, NODE-MATCH, USER-NODE-MATCH and NODE-MULTIPLE (7.3.1 to 7.3.4).
  [[nodiscard]] static AccessPolicies standard();

  /// Adds or replaces one, e.g. a usage's own.
  void add(std::string name, AccessPolicy policy);
  /// A policy that nobody added allows nothing.
  [[nodiscard]] bool allows(const AccessQuestion& question) const;
  [[nodiscard]] bool knows(std::string_view name) const;

 private:
  std::map<std::string, AccessPolicy, std::less<>> policies_;
};

}  // namespace carillon::storage
