#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <carillon/error.hpp>

#include "base/bytes.hpp"

struct x509_store_st;  // OpenSSL's.

namespace carillon::io {

/// Tells whom a certificate names that a server outside has shown when it connected to us.
class ServerIdentities {
 public:
  /// `authorities`: a PEM file; empty: whom the system trusts. `bad_certificate` if it is no use.
  [[nodiscard]] static Result<ServerIdentities> create(const std::filesystem::path& authorities);

  /// The SIP identities of a chain (DER, its own first): DNS names, sip: URIs' hosts and addresses
  /// of its subjectAltName (RFC 5922, 7.1), in lower case; wildcards are none. None unless the
  /// chain leads to an authority now.
  [[nodiscard]] std::vector<std::string> names(const std::vector<Bytes>& chain) const;

 private:
  explicit ServerIdentities(std::shared_ptr<x509_store_st> store) : store_(std::move(store)) {}
  std::shared_ptr<x509_store_st> store_;
};

}  // namespace carillon::io
