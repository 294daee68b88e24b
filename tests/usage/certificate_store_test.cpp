#include "usage/certificate_store/certificate_store.hpp"

#include <gmock/gmock.h>

#include "security/test_overlay.hpp"
#include "usage/support/local_harness.hpp"

namespace carillon::usage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CertificateStoreTest : public testing::Test {
 protected:
  security::CertificatePtr certificate_of(const NodeId& id) {
    return security::create_node(ca.root, {ca.overlay_name, "node@example.org", id, ca.key_type},
                                 security::test_now, ca.random)
        .value()
        .certificate;
  }
  Result<void> publish(const security::CertificatePtr& certificate) {
    Result<void> result{fail(ErrorCode::request_timeout, "test")};
    store.publish(certificate, seconds{3600}, [&](Result<void> done) { result = std::move(done); });
    harness.settle();
    return result;
  }
  std::vector<Bytes> by_node(const NodeId& id) {
    return ders([&](auto done) { store.find_by_node(id, std::move(done)); });
  }
  std::vector<Bytes> by_user(const std::string& user) {
    return ders([&](auto done) { store.find_by_user(user, std::move(done)); });
  }
  template <typename Start>
  std::vector<Bytes> ders(Start start) {
    std::vector<Bytes> found;
    start([&](Result<CertificateStore::Certificates> certificates) {
      ASSERT_TRUE(certificates);
      for (const auto& one : *certificates)
        found.push_back(one->der());
    });
    harness.settle();
    return found;
  }

  test::LocalHarness harness;
  security::TestOverlay ca;
  CertificateStore store{harness.overlay()};
};

TEST_F(CertificateStoreTest, FoundByNodeAndByUser) {
  const auto id = harness.overlay().node_id();
  const auto certificate = certificate_of(id);
  const auto published = publish(certificate);
  ASSERT_TRUE(published) << published.error().message();
  EXPECT_THAT(by_node(id), ElementsAre(certificate->der()));
  EXPECT_THAT(by_user("node@example.org"), ElementsAre(certificate->der()));
  EXPECT_THAT(by_node(test::node(9)), IsEmpty());
  EXPECT_THAT(by_user("nobody@example.org"), IsEmpty());
}

TEST_F(CertificateStoreTest, ANewOneGoesToTheEndTheSameOneKeepsItsPlace) {
  const auto id = harness.overlay().node_id();
  const auto old_one = certificate_of(id);
  const auto new_one = certificate_of(id);
  ASSERT_TRUE(publish(old_one));
  ASSERT_TRUE(publish(new_one));
  ASSERT_TRUE(publish(old_one));
  EXPECT_THAT(by_node(id), ElementsAre(old_one->der(), new_one->der()));
}

TEST_F(CertificateStoreTest, WhatNamesAnotherNodeIsLeftOut) {
  ASSERT_TRUE(publish(certificate_of(test::node(9))));
  EXPECT_THAT(by_node(harness.overlay().node_id()), IsEmpty());
}

}  // namespace
}  // namespace carillon::usage
