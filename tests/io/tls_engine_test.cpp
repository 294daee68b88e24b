#include "io/tls_engine.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/bytes.hpp"
#include "io/files.hpp"
#include "loop_support.hpp"

namespace carillon::io {
namespace {

using security::KeyType;
using security::TestOverlay;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using State = TlsEngine::State;

/// Carries what each side wants to send to the other until nobody has anything to say.
void exchange(TlsEngine& left, TlsEngine& right) {
  bool moved = true;
  while (moved) {
    moved = false;
    for (auto [from, to] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
      const Bytes octets = to_bytes(from->pending());
      if (octets.empty()) continue;
      from->consume(octets.size());
      to->receive(octets);
      moved = true;
    }
  }
}

class TlsEngineWithKeys : public testing::TestWithParam<KeyType> {
 protected:
  TestOverlay overlay{GetParam()};
  security::Issued client_node = overlay.node();
  security::Issued server_node = overlay.node();
  TlsEngine client{tls_of(client_node), TlsEngine::Side::client};
  TlsEngine server{tls_of(server_node), TlsEngine::Side::server};
};
INSTANTIATE_TEST_SUITE_P(KeyTypes, TlsEngineWithKeys,
                         testing::Values(KeyType::ecdsa, KeyType::rsa));

TEST_P(TlsEngineWithKeys, EachSideLearnsTheOthersChain) {
  exchange(client, server);
  ASSERT_EQ(client.state(), State::open);
  ASSERT_EQ(server.state(), State::open);
  EXPECT_THAT(client.peer_chain(), ElementsAre(server_node.certificate->der()));
  EXPECT_THAT(server.peer_chain(), ElementsAre(client_node.certificate->der()));
}

TEST_P(TlsEngineWithKeys, OneWriteIsOneRecord) {
  exchange(client, server);
  ASSERT_TRUE(client.write(as_bytes("first")));
  ASSERT_TRUE(client.write(as_bytes("second")));
  server.receive(client.pending());
  EXPECT_EQ(as_text(server.read()), "first");
  EXPECT_EQ(as_text(server.read()), "second");
  EXPECT_THAT(server.read(), IsEmpty());
  EXPECT_EQ(server.state(), State::open);
}

TEST_P(TlsEngineWithKeys, GoodbyeIsNotAnError) {
  exchange(client, server);
  client.shut_down();
  server.receive(client.pending());
  EXPECT_THAT(server.read(), IsEmpty());
  EXPECT_EQ(server.state(), State::closed);
}

TEST_P(TlsEngineWithKeys, AnyWholeCertificateWillDoSinceTheCoreDecides) {
  TestOverlay other{GetParam(), "other.example.org"};
  const auto stranger = other.node();
  TlsEngine strange_client{tls_of(stranger), TlsEngine::Side::client};
  exchange(strange_client, server);
  ASSERT_EQ(server.state(), State::open);
  EXPECT_THAT(server.peer_chain(), ElementsAre(stranger.certificate->der()));
}

TEST(TlsEngine, IntermediatesTravelWithTheCertificate) {
  TestOverlay overlay;
  const auto node = overlay.node();
  const auto context =
      TlsContext::create({node.certificate->der(), overlay.root.certificate->der()}, node.key);
  ASSERT_TRUE(context) << context.error().message();
  TlsEngine client{*context, TlsEngine::Side::client};
  TlsEngine server{*context, TlsEngine::Side::server};
  exchange(client, server);
  const auto chain = ElementsAre(node.certificate->der(), overlay.root.certificate->der());
  EXPECT_THAT(client.peer_chain(), chain);
  EXPECT_THAT(server.peer_chain(), chain);
}

TEST(TlsEngine, SpeaksVersion12ToWhoKnowsNoOther) {
  TestOverlay overlay;
  const auto old = tls_of(overlay.node());
  SSL_CTX_set_max_proto_version(old.native(), TLS1_2_VERSION);
  TlsEngine client{old, TlsEngine::Side::client};
  TlsEngine server{tls_of(overlay.node()), TlsEngine::Side::server};
  exchange(client, server);
  EXPECT_EQ(client.state(), State::open);
  EXPECT_EQ(server.state(), State::open);
}

TEST(TlsEngine, RefusesOlderVersions) {
  TestOverlay overlay;
  const auto old = tls_of(overlay.node());
  SSL_CTX_set_min_proto_version(old.native(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(old.native(), TLS1_1_VERSION);
  TlsEngine client{old, TlsEngine::Side::client};
  TlsEngine server{tls_of(overlay.node()), TlsEngine::Side::server};
  exchange(client, server);
  EXPECT_EQ(server.state(), State::failed);
  EXPECT_THAT(server.error(), testing::Not(IsEmpty()));
}

TEST(TlsEngine, RefusesAClientWithoutCertificate) {
  TestOverlay overlay;
  const auto anonymous = tls_of(overlay.node());
  // OpenSSL's way of showing none, although there is one.
  SSL_CTX_set_cert_cb(
      anonymous.native(),
      [](SSL* ssl, void*) {
        SSL_certs_clear(ssl);
        return 1;
      },
      nullptr);
  TlsEngine client{anonymous, TlsEngine::Side::client};
  TlsEngine server{tls_of(overlay.node()), TlsEngine::Side::server};
  exchange(client, server);
  EXPECT_EQ(server.state(), State::failed);
  EXPECT_THAT(server.error(), HasSubstr("certificate"));
}

TEST(TlsEngine, GarbageFailsTheHandshake) {
  TestOverlay overlay;
  TlsEngine server{tls_of(overlay.node()), TlsEngine::Side::server};
  EXPECT_EQ(server.receive(as_bytes("GET / HTTP/1.1\r\n\r\n")), State::failed);
  EXPECT_THAT(server.error(), HasSubstr("http request"));
  EXPECT_FALSE(server.write(as_bytes("x")));
}

TEST(TlsContext, RefusesAKeyThatIsNotTheCertificates) {
  TestOverlay overlay;
  const auto context = TlsContext::create({overlay.node().certificate->der()}, overlay.node().key);
  EXPECT_TRUE(security::fails_with(context, ErrorCode::bad_certificate));
}

TEST(TlsContext, RefusesWhatIsNoCertificate) {
  TestOverlay overlay;
  const auto node = overlay.node();
  EXPECT_TRUE(security::fails_with(TlsContext::create({Bytes{1, 2, 3}}, node.key),
                                   ErrorCode::bad_certificate));
  EXPECT_TRUE(security::fails_with(TlsContext::create({}, node.key), ErrorCode::bad_certificate));
}

TEST(TlsContext, WritesTheSecretsOnlyWhenTold) {
  TestOverlay overlay;
  const TemporaryDirectory directory;
  const auto log = directory / "keys";
  {
    TlsEngine client{tls_of(overlay.node()), TlsEngine::Side::client};
    TlsEngine server{tls_of(overlay.node(), log), TlsEngine::Side::server};
    exchange(client, server);
  }
  const auto content = read_file(log);
  ASSERT_TRUE(content);
  EXPECT_THAT(*content, HasSubstr("SERVER_TRAFFIC_SECRET_0 "));
  EXPECT_TRUE(content->ends_with("\n"));
  EXPECT_EQ(std::filesystem::status(log).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(TlsContext, SaysSoIfTheKeyLogCannotBeOpened) {
  TestOverlay overlay;
  const TemporaryDirectory directory;
  const auto node = overlay.node();
  EXPECT_TRUE(security::fails_with(
      TlsContext::create({node.certificate->der()}, node.key, directory / "absent/keys"),
      ErrorCode::io, "absent"));
}

/// PEM texts as an operator's files hold them.
struct PemFiles {
  std::string chain;
  std::string key;
};

PemFiles pem_of(const security::Issued& node) {
  const auto text = [](const auto& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()), BIO_free};
    write(bio.get());
    char* octets = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &octets);
    return std::string(octets, static_cast<std::size_t>(size));
  };
  const auto& der = node.certificate->der();
  const unsigned char* octets = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      d2i_X509(nullptr, &octets, static_cast<long>(der.size())), X509_free};
  return {text([&](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); }), text([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, node.key.native(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TEST(TlsForPhones, NoCertificateIsAskedOfThem) {
  TestOverlay overlay;
  const auto node = overlay.node();
  const auto files = pem_of(node);
  TlsEngine server{TlsContext::for_phones({files.chain, files.key}).value(),
                   TlsEngine::Side::server};
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> phone{SSL_new(context.get()), SSL_free};
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(phone.get(), in, out);
  SSL_set_connect_state(phone.get());
  for (int i = 0; i < 4 && SSL_do_handshake(phone.get()) != 1; ++i) {
    char* octets = nullptr;
    const auto size = BIO_get_mem_data(out, &octets);
    server.receive({reinterpret_cast<const std::uint8_t*>(octets), static_cast<std::size_t>(size)});
    (void)BIO_reset(out);
    const auto answer = server.pending();
    BIO_write(in, answer.data(), static_cast<int>(answer.size()));
    server.consume(answer.size());
  }
  char* octets = nullptr;
  const auto size = BIO_get_mem_data(out, &octets);
  server.receive({reinterpret_cast<const std::uint8_t*>(octets), static_cast<std::size_t>(size)});
  EXPECT_EQ(server.state(), State::open);
  EXPECT_THAT(server.peer_chain(), IsEmpty());
}

TEST(TlsForPhones, WhatCannotBeUsedIsRefused) {
  TestOverlay overlay;
  const auto files = pem_of(overlay.node());
  const auto others = pem_of(overlay.node());
  EXPECT_TRUE(TlsContext::for_phones({files.chain + others.chain, files.key}));
  EXPECT_FALSE(TlsContext::for_phones({files.chain, others.key})) << "the key of another";
  EXPECT_FALSE(TlsContext::for_phones({"", files.key}));
  EXPECT_FALSE(TlsContext::for_phones({files.chain, ""}));
  EXPECT_FALSE(TlsContext::for_phones({files.key, files.chain})) << "the wrong way round";
  EXPECT_FALSE(TlsContext::for_phones({files.chain.substr(0, 200), files.key}));
  EXPECT_FALSE(TlsContext::for_phones({files.chain + others.chain.substr(0, 200), files.key}))
      << "a second certificate that was cut off";
}

}  // namespace
}  // namespace carillon::io
