#pragma once

#include <string>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/time.hpp"
#include "security/certificate.hpp"
#include "usage/liveness.hpp"

namespace carillon::usage {

/// Nodes' certificates kept in the overlay (RFC 6940, 8): by node at H(Node-ID), Kind
/// CERTIFICATE_BY_NODE, and by user at H(user name), Kind CERTIFICATE_BY_USER. Both are arrays, a
/// new certificate goes to the end. The value is the bare DER form.
class CertificateStore {
 public:
  using Certificates = std::vector<security::CertificatePtr>;

  explicit CertificateStore(Overlay& overlay) : overlay_(overlay) {}

  /// Stores this node's own certificate under its Node-ID and its user name; one that is there
  /// already keeps its place and is stored anew.
  /// Errors as of Overlay::store.
  void publish(const security::CertificatePtr& certificate, seconds lifetime,
               Overlay::Handler<void> done);

  /// The certificates that bear the Node-ID, in the order they were stored. What does not parse or
  /// names another node is left out. Says nothing about trust: ask a ChainVerifier.
  void find_by_node(const NodeId& node, Overlay::Handler<Certificates> done);
  void find_by_user(const std::string& user_name, Overlay::Handler<Certificates> done);

 private:
  struct Publication {
    std::string resource_name{};
    KindId kind{};
    std::string user{};
    Bytes der{};
    seconds lifetime{};
  };
  void publish_at(Publication publication, Overlay::Handler<void> done);

  Overlay& overlay_;
  Liveness liveness_;
};

}  // namespace carillon::usage
