#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "security/authenticator.hpp"
#include "security/creation.hpp"
#include "security/identity.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::security {

inline constexpr WallTime test_now{milliseconds{1'800'000'000'000}};  // 2027-01-15
inline constexpr std::chrono::hours one_day{24};

/// An overlay with its root; hands out what `carillon overlay enroll` would.
struct TestOverlay {
  explicit TestOverlay(KeyType type = KeyType::ecdsa, std::string name = "overlay.example.org")
      : key_type(type), overlay_name(std::move(name)) {}

  KeyType key_type;
  std::string overlay_name;
  SeededRandom random{7};
  Issued root = create_root(overlay_name, key_type, test_now, random).value();

  Issued node(const NodeId& id) {
    return create_node(root,
                       {overlay_name, "node-" + id.to_hex() + "@" + overlay_name, id, key_type},
                       test_now, random)
        .value();
  }
  Issued node() { return node(random_node_id(random)); }
  Issued registrar(const NodeId& id, std::vector<std::string> domains = {"example.org"}) {
    return create_registrar(root, {overlay_name, id, std::move(domains), key_type}, test_now,
                            random)
        .value();
  }
  Identity identity(const Issued& node) {
    const Issued ca = registrar(node.certificate->node_ids().front());
    return Identity::from_pem({node.certificate->to_pem(), node.key.to_pem(),
                               ca.certificate->to_pem(), ca.key.to_pem()},
                              random)
        .value();
  }
  Identity identity() { return identity(node()); }

  TrustAnchors anchors() const { return {overlay_name, {root.certificate}, {}, {}}; }
  Authenticator authenticator() const {
    return Authenticator(anchors(), std::make_shared<OpensslVerifier>());
  }
};

/// Passes if `result` failed with `code` and a text that contains `text`.
template <typename T>
testing::AssertionResult fails_with(const Result<T>& result, ErrorCode code,
                                    const std::string& text = {}) {
  if (result) return testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code && result.error().message().find(text) != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << result.error().message();
}

}  // namespace carillon::security
