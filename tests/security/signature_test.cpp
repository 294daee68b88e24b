#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "security/authenticator.hpp"
#include "security/certificate_builder.hpp"
#include "security/signing.hpp"
#include "test_overlay.hpp"
#include "wire/codec.hpp"

namespace carillon::security {
namespace {

constexpr wire::OverlayHash overlay_hash{0x9aa32b8d};
constexpr wire::TransactionId transaction{0x0102030405060708};

wire::StoredData value_of(std::string_view text, bool exists = true) {
  return {.storage_time = 1'800'000'000'000,
          .lifetime = 3600,
          .value = {wire::DictionaryEntry{Bytes(16, 0xAB), {exists, to_bytes(as_bytes(text))}}},
          .signature = {},
          .unknown = {}};
}

TEST(SignatureInput, OfAMessage) {
  const wire::SignerIdentity identity{wire::CertHash{wire::HashAlgorithm::sha256, {0xAA, 0xBB}}};
  EXPECT_EQ(to_hex(message_signature_input(overlay_hash, transaction, Bytes{0xC0, 0xC1}, identity)),
            "9aa32b8d"
            "0102030405060708"
            "c0c1"
            "01"
            "0004"
            "04"
            "02aabb");
}

TEST(SignatureInput, OfAValue) {
  const ResourceId resource(Bytes(16, 0x11));
  const wire::StoredDataValue value{wire::DictionaryEntry{{0x22, 0x23}, {true, {0x33}}}};
  EXPECT_EQ(
      to_hex(value_signature_input(resource, KindId::sip_registration, 0x0a0b0c0d, value, {})),
      "10"
      "11111111111111111111111111111111"
      "00000001"
      "000000000a0b0c0d"
      "0002"
      "2223"
      "01"
      "00000001"
      "33"
      "03"
      "0000");
}

// 7.4.2.2: a Fetch may renumber an array, so the index is not covered.
TEST(SignatureInput, OfAnArrayEntryHasIndexZero) {
  const ResourceId resource(Bytes(16, 0x11));
  const auto input = [&](std::uint32_t index) {
    return value_signature_input(resource, KindId::certificate_by_node, 1,
                                 {wire::ArrayEntry{index, {true, {0x33}}}}, {});
  };
  EXPECT_EQ(input(7), input(0));
}

TEST(SignatureInput, OfADocument) {
  EXPECT_EQ(to_hex(document_signature_input(as_bytes("<k/>"), {})),
            "3c6b2f3e"
            "03"
            "0000");
}

class Signatures : public testing::TestWithParam<KeyType> {
 protected:
  auto verify(const wire::SecurityBlock& block, ByteView octets,
              wire::TransactionId id = transaction) {
    const auto bucket = authenticator.read_certificates(block).value();
    return authenticator.verify_message(overlay_hash, id, octets, block.signature, bucket,
                                        test_now);
  }
  CertificateBucket bucket_of(const Credential& credential) {
    CertificateBucket bucket;
    bucket.add(credential);
    return bucket;
  }

  TestOverlay overlay{GetParam()};
  Authenticator authenticator = overlay.authenticator();
  Identity identity = overlay.identity();
  Bytes contents = to_bytes(as_bytes("message contents"));
  ResourceId resource{Bytes(16, 0x11)};
};
INSTANTIATE_TEST_SUITE_P(KeyTypes, Signatures, testing::Values(KeyType::ecdsa, KeyType::rsa));

TEST_P(Signatures, OfAMessageVerifies) {
  const auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  EXPECT_EQ(block.signature.identity.identity_type(), wire::SignerIdentityType::cert_hash);
  EXPECT_EQ(block.certificates.size(), 1U);  // The root is not sent.
  EXPECT_EQ(block.signature.algorithm.signature, GetParam() == KeyType::ecdsa
                                                     ? wire::SignatureAlgorithm::ecdsa
                                                     : wire::SignatureAlgorithm::rsa);
  const auto again = wire::decode_whole<wire::SecurityBlock>(wire::encode(block)).value();
  const auto signer = verify(again, contents);
  ASSERT_TRUE(signer) << signer.error().message();
  EXPECT_EQ(signer->node_id, identity.node_id());
  EXPECT_EQ(signer->certificate()->der(), identity.node().certificate->der());
}

TEST_P(Signatures, OfAMessageCoverOverlayTransactionContentsAndIdentity) {
  const auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  const auto bucket = authenticator.read_certificates(block).value();
  EXPECT_TRUE(fails_with(authenticator.verify_message(wire::OverlayHash{1}, transaction, contents,
                                                      block.signature, bucket, test_now),
                         ErrorCode::bad_signature));
  EXPECT_TRUE(
      fails_with(verify(block, contents, wire::TransactionId{1}), ErrorCode::bad_signature));
  EXPECT_TRUE(fails_with(verify(block, as_bytes("message Contents")), ErrorCode::bad_signature));
  // The same signer under its other name: not what was signed.
  auto renamed = block;
  renamed.signature.identity.identity = wire::CertHash{
      wire::HashAlgorithm::sha1, to_bytes(identity.node().certificate->sha1_digest())};
  EXPECT_TRUE(fails_with(verify(renamed, contents), ErrorCode::bad_signature, "not verify"));
}

TEST_P(Signatures, TamperedWithAreRefused) {
  const auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  for (std::size_t i = 0; i < block.signature.signature_value.size(); ++i) {
    auto changed = block;
    changed.signature.signature_value[i] ^= 0x80;
    EXPECT_TRUE(fails_with(verify(changed, contents), ErrorCode::bad_signature));
  }
  auto empty = block;
  empty.signature.signature_value.clear();
  EXPECT_TRUE(fails_with(verify(empty, contents), ErrorCode::bad_signature));
}

TEST_P(Signatures, UnderAnotherAlgorithmAreRefused) {
  auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  block.signature.algorithm.hash = wire::HashAlgorithm::sha1;
  EXPECT_TRUE(fails_with(verify(block, contents), ErrorCode::bad_signature, "algorithm"));
  block.signature.algorithm = {wire::HashAlgorithm::sha256, wire::SignatureAlgorithm::dsa};
  EXPECT_TRUE(fails_with(verify(block, contents), ErrorCode::bad_signature, "algorithm"));
}

TEST_P(Signatures, OfNobodyOrOfAStrangerAreRefused) {
  auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  auto unnamed = block;
  unnamed.signature.identity = {};
  EXPECT_TRUE(fails_with(verify(unnamed, contents), ErrorCode::bad_signature, "no certificate"));
  auto unknown = block;
  unknown.signature.identity = {wire::UnknownSigner{wire::SignerIdentityType{9}, {1, 2}}};
  EXPECT_TRUE(fails_with(verify(unknown, contents), ErrorCode::bad_signature, "no certificate"));
  TestOverlay foreign(GetParam());
  Identity stranger = foreign.identity();
  const auto strange = sign_message(stranger.node(), overlay_hash, transaction, contents).value();
  EXPECT_TRUE(fails_with(verify(strange, contents), ErrorCode::bad_certificate));
}

TEST_P(Signatures, OfAMessageFromAKnownSignerNeedNoCertificate) {
  auto block = sign_message(identity.node(), overlay_hash, transaction, contents).value();
  ASSERT_TRUE(verify(block, contents));
  block.certificates.clear();
  EXPECT_TRUE(verify(block, contents));
}

TEST_P(Signatures, OfAValueVerify) {
  const auto user = identity.user("alice@example.org", test_now).value();
  auto data = value_of("contacts");
  ASSERT_TRUE(sign_value(*user, resource, KindId::carillon_contacts, data));
  const auto signer = authenticator.verify_value(resource, KindId::carillon_contacts, data,
                                                 bucket_of(*user), test_now);
  ASSERT_TRUE(signer) << signer.error().message();
  EXPECT_EQ(signer->user(), "alice@example.org");
  EXPECT_EQ(signer->node_id, identity.node_id());
  ASSERT_EQ(signer->chain->intermediates.size(), 1U);
  data.lifetime = 1;  // Not covered (7.1): it is decremented when the value is stored again.
  EXPECT_TRUE(authenticator.verify_value(resource, KindId::carillon_contacts, data,
                                         bucket_of(*user), test_now));
}

TEST_P(Signatures, OfAValueCoverAllButTheLifetime) {
  const auto user = identity.user("alice@example.org", test_now).value();
  auto data = value_of("contacts");
  ASSERT_TRUE(sign_value(*user, resource, KindId::carillon_contacts, data));
  const auto refused = [&](const wire::StoredData& changed, ResourceId where, KindId kind) {
    return fails_with(authenticator.verify_value(where, kind, changed, bucket_of(*user), test_now),
                      ErrorCode::bad_signature);
  };
  EXPECT_TRUE(refused(data, ResourceId(Bytes(16, 0x12)), KindId::carillon_contacts));
  EXPECT_TRUE(refused(data, resource, KindId::sip_registration));
  auto changed = data;
  ++changed.storage_time;
  EXPECT_TRUE(refused(changed, resource, KindId::carillon_contacts));
  changed = data;
  changed.value.data_value().exists = false;
  EXPECT_TRUE(refused(changed, resource, KindId::carillon_contacts));
  changed = data;
  changed.value.data_value().value.back() ^= 1;
  EXPECT_TRUE(refused(changed, resource, KindId::carillon_contacts));
  changed = data;
  std::get<wire::DictionaryEntry>(changed.value.entry).key.back() ^= 1;
  EXPECT_TRUE(refused(changed, resource, KindId::carillon_contacts));
}

// 7.1: "Such signatures are not considered valid after the signing certificate expires."
TEST_P(Signatures, OfAValueEndWithTheCertificate) {
  const auto user = identity.user("alice@example.org", test_now).value();
  auto data = value_of("contacts");
  ASSERT_TRUE(sign_value(*user, resource, KindId::carillon_contacts, data));
  const auto when = user->certificate->not_after();
  const auto at = [&](WallTime now) {
    return authenticator.verify_value(resource, KindId::carillon_contacts, data, bucket_of(*user),
                                      now);
  };
  EXPECT_TRUE(at(test_now));
  EXPECT_TRUE(at(when));
  EXPECT_TRUE(fails_with(at(when + seconds{1}), ErrorCode::bad_certificate, "expired"));
}

TEST_P(Signatures, UnsignedIsOnlyWhatDoesNotExist) {
  EXPECT_TRUE(is_unsigned_nonexistent(value_of("", false)));
  EXPECT_FALSE(is_unsigned_nonexistent(value_of("", true)));
  auto data = value_of("", false);
  ASSERT_TRUE(sign_value(identity.node(), resource, KindId::carillon_contacts, data));
  EXPECT_FALSE(is_unsigned_nonexistent(data));
  EXPECT_TRUE(fails_with(authenticator.verify_value(resource, KindId::carillon_contacts,
                                                    value_of("", false), {}, test_now),
                         ErrorCode::bad_signature));
}

TEST_P(Signatures, OfADocumentVerifies) {
  const auto block = sign_document(identity.node(), as_bytes("<configuration/>")).value();
  EXPECT_TRUE(authenticator.verify_document(as_bytes("<configuration/>"), block, test_now));
  EXPECT_FALSE(authenticator.verify_document(as_bytes("<configuration />"), block, test_now));
}

// 6.3.4: a certificate with several Node-IDs says by cert_hash_node_id which one signs.
TEST_P(Signatures, OfOneOfSeveralNodeIds) {
  const auto key = KeyPair::generate(GetParam()).value();
  CertificateBuilder builder;
  builder.set_serial(Bytes{1});
  builder.set_validity(test_now - seconds{60}, test_now + seconds{60});
  builder.set_key(key.public_key());
  const NodeId first = random_node_id(overlay.random);
  const NodeId second = random_node_id(overlay.random);
  const openssl::GeneralNamesPtr names{sk_GENERAL_NAME_new_null()};
  for (const auto& [type, text] :
       {std::pair{GEN_URI, ReloadUri{first, overlay.overlay_name}.to_string()},
        std::pair{GEN_URI, ReloadUri{second, overlay.overlay_name}.to_string()},
        std::pair{GEN_EMAIL, std::string("alice@example.org")}}) {
    ASN1_IA5STRING* string = ASN1_IA5STRING_new();
    ASN1_STRING_set(string, text.data(), static_cast<int>(text.size()));
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, string);
    sk_GENERAL_NAME_push(names.get(), name);
  }
  X509_add1_ext_i2d(builder.native(), NID_subject_alt_name, names.get(), 1, X509V3_ADD_APPEND);
  const auto certificate = builder.sign(overlay.root.certificate.get(), overlay.root.key).value();
  ASSERT_EQ(certificate->node_ids(), (std::vector{first, second}));

  for (const NodeId& id : {first, second}) {
    const Credential credential{certificate, {}, id, std::make_shared<OpensslSigner>(key)};
    const auto block = sign_message(credential, overlay_hash, transaction, contents).value();
    EXPECT_EQ(block.signature.identity.identity_type(),
              wire::SignerIdentityType::cert_hash_node_id);
    const auto signer = verify(block, contents);
    ASSERT_TRUE(signer) << signer.error().message();
    EXPECT_EQ(signer->node_id, id);
  }
  // By cert_hash, nobody could tell which node it was.
  EXPECT_FALSE(
      CertificateBucket(bucket_of({certificate, {}, first, nullptr}))
          .find({wire::CertHash{wire::HashAlgorithm::sha256, to_bytes(certificate->digest())}}));
}

// Others may use cert_hash_node_id even with one Node-ID, and SHA-1 for the hash.
TEST_P(Signatures, SignersAreFoundByEveryName) {
  const CertificatePtr& certificate = identity.node().certificate;
  const Bytes both = node_id_and_certificate(identity.node_id(), *certificate);
  const auto bucket = bucket_of(identity.node());
  for (const wire::SignerIdentity& named : std::vector<wire::SignerIdentity>{
           {wire::CertHash{wire::HashAlgorithm::sha1, to_bytes(certificate->sha1_digest())}},
           {wire::CertHashNodeId{wire::HashAlgorithm::sha1, to_bytes(sha1(both))}},
           {wire::CertHashNodeId{wire::HashAlgorithm::sha256, to_bytes(sha256(both))}}}) {
    const auto signer = bucket.find(named);
    ASSERT_TRUE(signer);
    EXPECT_EQ(signer->node_id, identity.node_id());
  }
  EXPECT_FALSE(bucket.find({wire::CertHash{wire::HashAlgorithm::md5, Bytes(16)}}));
  EXPECT_FALSE(bucket.find({wire::CertHash{wire::HashAlgorithm::sha256, {}}}));
}

TEST_P(Signatures, LinksShowWhoseTheyAre) {
  const auto node = identity.node().certificate;
  const auto chain = authenticator.verify_link(std::vector<Bytes>{node->der()}, test_now);
  ASSERT_TRUE(chain);
  EXPECT_EQ((*chain)->certificate->node_ids().front(), identity.node_id());
  EXPECT_TRUE(fails_with(authenticator.verify_link({}, test_now), ErrorCode::bad_certificate));
  EXPECT_TRUE(fails_with(authenticator.verify_link(std::vector<Bytes>(5, node->der()), test_now),
                         ErrorCode::bad_certificate, "too long"));
  EXPECT_TRUE(fails_with(authenticator.verify_link(std::vector<Bytes>{{1, 2}}, test_now),
                         ErrorCode::bad_certificate));
}

}  // namespace
}  // namespace carillon::security
