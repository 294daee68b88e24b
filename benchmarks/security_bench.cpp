// What an operation of security/ costs: signing, verifying, minting, with and without the caches.
#include <benchmark/benchmark.h>

#include "base/random.hpp"
#include "security/authenticator.hpp"
#include "security/creation.hpp"
#include "security/identity.hpp"
#include "security/openssl_signer.hpp"
#include "security/seal.hpp"
#include "security/signing.hpp"

namespace carillon::security {
namespace {

constexpr WallTime now{milliseconds{1'800'000'000'000}};
constexpr wire::OverlayHash overlay{1};
constexpr wire::TransactionId transaction{2};

struct Setting {
  explicit Setting(KeyType type) {
    const NodeId id = random_node_id(random);
    const auto node =
        create_node(root(type), {name, "node@" + name, id, type}, now, random).value();
    const auto ca = create_registrar(root(type), {name, id, {name}, type}, now, random).value();
    identity.emplace(Identity::from_pem({node.certificate->to_pem(), node.key.to_pem(),
                                         ca.certificate->to_pem(), ca.key.to_pem()},
                                        random)
                         .value());
  }
  const Issued& root(KeyType type) {
    if (!root_) root_ = create_root(name, type, now, random).value();
    return *root_;
  }
  Authenticator authenticator() {
    return Authenticator({name, {root_->certificate}, {}, {}}, std::make_shared<OpensslVerifier>());
  }

  SeededRandom random{1};
  std::string name = "overlay.example";
  std::optional<Issued> root_;
  std::optional<Identity> identity;
};

KeyType type_of(const benchmark::State& state) {
  return static_cast<KeyType>(state.range(0));
}

void sign(benchmark::State& state) {
  Setting setting(type_of(state));
  const Bytes input(500, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(setting.identity->node().signer->sign(input));
  }
}
BENCHMARK(sign)->Arg(0)->Arg(1)->ArgName("rsa");

void verify(benchmark::State& state) {
  Setting setting(type_of(state));
  const Bytes input(500, 1);
  const Bytes signature = setting.identity->node().signer->sign(input).value();
  OpensslVerifier verifier;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        verifier.verify(setting.identity->node().certificate->public_key(), input, signature));
  }
}
BENCHMARK(verify)->Arg(0)->Arg(1)->ArgName("rsa");

void parse_certificate(benchmark::State& state) {
  Setting setting(type_of(state));
  const Bytes der = setting.identity->node().certificate->der();
  for (auto _ : state)
    benchmark::DoNotOptimize(Certificate::parse(der));
}
BENCHMARK(parse_certificate)->Arg(0)->Arg(1)->ArgName("rsa");

void verify_chain_of_user(benchmark::State& state) {
  Setting setting(type_of(state));
  const auto user = setting.identity->user("alice@" + setting.name, now).value();
  const TrustAnchors anchors{setting.name, {setting.root_->certificate}, {}, {}};
  ChainVerifier chains(anchors);
  for (auto _ : state) {
    chains.forget();
    benchmark::DoNotOptimize(chains.verify(user->certificate, user->intermediates, now));
  }
}
BENCHMARK(verify_chain_of_user)->Arg(0)->Arg(1)->ArgName("rsa");

/// What a peer pays for the certificate of a user that it meets for the first time, when it knows
/// another user of the same registrar.
void receive_certificate_of_next_user(benchmark::State& state) {
  Setting setting(type_of(state));
  std::vector<std::vector<Bytes>> chains;
  for (int i = 0; i < 20'000; ++i) {
    const std::string user = std::to_string(i) + "@" + setting.name;
    const auto credential = setting.identity->user(user, now).value();
    chains.push_back({credential->certificate->der(), credential->intermediates.front()->der()});
  }
  auto authenticator = setting.authenticator();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(authenticator.verify_link(chains[next++ % chains.size()], now));
  }
}
BENCHMARK(receive_certificate_of_next_user)->Arg(0)->Arg(1)->ArgName("rsa");

void mint_user(benchmark::State& state) {
  Setting setting(type_of(state));
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::string user = std::to_string(++number) + "@" + setting.name;
    benchmark::DoNotOptimize(setting.identity->user(user, now));
  }
}
BENCHMARK(mint_user)->Arg(0)->Arg(1)->ArgName("rsa");

void sign_message_whole(benchmark::State& state) {
  Setting setting(type_of(state));
  const Bytes contents(500, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        sign_message(setting.identity->node(), overlay, transaction, contents));
  }
}
BENCHMARK(sign_message_whole)->Arg(0)->Arg(1)->ArgName("rsa");

/// A message from a known node: only its signature is new. (Its cache is not used: each transaction
/// is another.)
void verify_message_of_known_node(benchmark::State& state) {
  Setting setting(type_of(state));
  const Bytes contents(500, 1);
  const auto block = sign_message(setting.identity->node(), overlay, transaction, contents).value();
  auto authenticator = setting.authenticator();
  for (auto _ : state) {
    authenticator.forget_signatures();
    const auto bucket = authenticator.read_certificates(block).value();
    benchmark::DoNotOptimize(
        authenticator.verify_message(overlay, transaction, contents, block.signature, bucket, now));
  }
}
BENCHMARK(verify_message_of_known_node)->Arg(0)->Arg(1)->ArgName("rsa");

void verify_value_again(benchmark::State& state) {
  Setting setting(type_of(state));
  const ResourceId resource(Bytes(16, 1));
  const auto user = setting.identity->user("alice@" + setting.name, now).value();
  wire::StoredData data{.storage_time = 1,
                        .lifetime = 1,
                        .value = {wire::DataValue{true, Bytes(300, 1)}},
                        .signature = {},
                        .unknown = {}};
  static_cast<void>(sign_value(*user, resource, KindId::carillon_contacts, data));
  CertificateBucket bucket;
  bucket.add(*user);
  const auto block = wire::SecurityBlock{bucket.to_wire(), {}};
  auto authenticator = setting.authenticator();
  for (auto _ : state) {
    const auto read = authenticator.read_certificates(block).value();
    benchmark::DoNotOptimize(
        authenticator.verify_value(resource, KindId::carillon_contacts, data, read, now));
  }
}
BENCHMARK(verify_value_again)->Arg(0)->Arg(1)->ArgName("rsa");

void seal_and_open(benchmark::State& state) {
  SeededRandom random{1};
  const auto key = OperatorKey::generate(random);
  const Bytes plain(200, 1);
  for (auto _ : state) {
    const auto sealed = seal(key, random, plain, plain).value();
    benchmark::DoNotOptimize(open_sealed(key, sealed, plain));
  }
}
BENCHMARK(seal_and_open);

}  // namespace
}  // namespace carillon::security
