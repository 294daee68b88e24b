#include "usage/certificate_store/certificate_store.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "wire/stored_data_value.hpp"

namespace carillon::usage {

namespace {

std::string node_name(const NodeId& node) {
  return std::string{as_text(node.bytes())};
}

template <typename Accept>
Overlay::Handler<LookupReport> collect(Accept accept,
                                       Overlay::Handler<CertificateStore::Certificates> done) {
  return [accept, done = std::move(done)](Result<LookupReport> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    CertificateStore::Certificates certificates;
    for (const auto& value : found->values) {
      auto certificate = security::Certificate::parse(value.value);
      if (certificate && accept(**certificate)) certificates.push_back(std::move(*certificate));
    }
    done(std::move(certificates));
  };
}

}  // namespace

void CertificateStore::publish(const security::CertificatePtr& certificate, seconds lifetime,
                               Overlay::Handler<void> done) {
  const std::string user = certificate->user_name();
  auto by_user = [this, user, der = certificate->der(), lifetime,
                  done = std::move(done)](Result<void> stored) mutable {
    if (!stored) return done(std::move(stored));
    publish_at({user, KindId::certificate_by_user, user, std::move(der), lifetime},
               std::move(done));
  };
  publish_at({node_name(overlay_.node_id()),
              KindId::certificate_by_node,
              {},
              certificate->der(),
              lifetime},
             std::move(by_user));
}

void CertificateStore::publish_at(Publication publication, Overlay::Handler<void> done) {
  const LookupRequest present{publication.resource_name, {publication.kind}};
  overlay_.lookup(present,
                  liveness_.guard([this, publication = std::move(publication),
                                   done = std::move(done)](Result<LookupReport> found) mutable {
                    if (!found) return done(std::unexpected(std::move(found.error())));
                    // New certificates go to the end (8); one that is there is stored anew at its
                    // place, so that it lives on.
                    std::uint32_t index = wire::ArrayEntry::append;
                    for (const auto& value : found->values) {
                      const auto* position = std::get_if<std::uint32_t>(&value.position);
                      if (position != nullptr && value.value == publication.der) index = *position;
                    }
                    StoreRequest request{publication.resource_name, publication.user, {}};
                    request.values.push_back({.kind = publication.kind,
                                              .position = index,
                                              .value = std::move(publication.der),
                                              .lifetime = publication.lifetime});
                    overlay_.store(std::move(request),
                                   [done = std::move(done)](Result<StoreReport> stored) mutable {
                                     if (!stored)
                                       return done(std::unexpected(std::move(stored.error())));
                                     done({});
                                   });
                  }));
}

void CertificateStore::find_by_node(const NodeId& node, Overlay::Handler<Certificates> done) {
  overlay_.lookup(
      {node_name(node), {KindId::certificate_by_node}},
      collect([node](const auto& found) { return found.has_node_id(node); }, std::move(done)));
}

void CertificateStore::find_by_user(const std::string& user_name,
                                    Overlay::Handler<Certificates> done) {
  overlay_.lookup({user_name, {KindId::certificate_by_user}},
                  collect([user_name](const auto& found) { return found.user_name() == user_name; },
                          std::move(done)));
}

}  // namespace carillon::usage
