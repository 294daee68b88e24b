#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "peer/candidates.hpp"
#include "peer/range_digest.hpp"
#include "peer/support/raw_node.hpp"
#include "peer/support/users.hpp"
#include "security/signing.hpp"
#include "wire/app_attach.hpp"
#include "wire/attach.hpp"
#include "wire/chord_route_query_ans.hpp"
#include "wire/chord_update.hpp"
#include "wire/find.hpp"
#include "wire/join.hpp"
#include "wire/leave.hpp"
#include "wire/ping.hpp"
#include "wire/probe.hpp"
#include "wire/route_query.hpp"
#include "wire/stat.hpp"

namespace carillon::peer {
namespace {

using wire::ErrorResponseCode;
using wire::MessageCode;

/// A ring, and a node with a good certificate that is connected to its first peer.
class Hostile : public testing::Test {
 protected:
  Hostile() { stranger.connect(host()); }

  Host& host(std::size_t index = 0) { return network->host(index); }
  template <typename Body>
  std::optional<ErrorCode> error_of(wire::DestinationList to, const Body& body,
                                    transport::RequestOptions options = {}) {
    auto outcome = stranger.ask(std::move(to), body, std::move(options));
    return outcome ? std::nullopt : std::optional{outcome.error().error.code};
  }
  /// A Store of a value that `signer` has signed.
  wire::StoreReq store_of(const security::Credential& signer, const ResourceId& place,
                          std::uint8_t replica_number, const std::string& value = "x") {
    wire::StoreReq store;
    store.resource = place;
    store.replica_number = replica_number;
    wire::StoredData data;
    data.storage_time = to_milliseconds(network->now().wall);
    data.lifetime = 3'600;
    data.value.entry = wire::DataValue{true, to_bytes(as_bytes(value))};
    EXPECT_TRUE(security::sign_value(signer, place, credential, data));
    store.kind_data.push_back({credential, replica_number == 0 ? 0U : 1U, {data}});
    return store;
  }
  transport::RequestOptions with(const security::Credential& signer) {
    transport::RequestOptions options;
    options.certificates.add(signer);
    return options;
  }

  std::unique_ptr<Network> network = Network::ring(6);
  RawNode stranger{*network, network->document.overlay.identity()};
};

TEST_F(Hostile, AClientMayAskAndIsToldOfChanges) {
  EXPECT_FALSE(stranger.is_cut_off());
  EXPECT_EQ(error_of({host().id()}, wire::PingReq{}), std::nullopt);
  EXPECT_EQ(error_of({host(3).id()}, wire::PingReq{}), std::nullopt);
  EXPECT_EQ(error_of({NodeId::wildcard()}, wire::PingReq{}), std::nullopt);
  // It is no peer, so nothing is routed through it.
  EXPECT_EQ(network->ring_fault(), "");
  stranger.received.clear();
  network->kill(host(1));
  network->kill(host(2));
  network->kill(host(3));
  network->run_for(seconds{1});
  bool updated = false;
  for (const auto& request : stranger.received)
    updated |= request.contents.message_code == MessageCode::update_req;
  EXPECT_TRUE(updated);
}

TEST_F(Hostile, ACertificateOfAnotherOverlayIsRefused) {
  security::TestOverlay elsewhere{security::KeyType::ecdsa, "elsewhere.example.net"};
  RawNode foreign{*network, elsewhere.identity()};
  foreign.connect(host());
  EXPECT_TRUE(foreign.is_cut_off());
  EXPECT_NE(host().log.back().find("refused the link"), std::string::npos) << host().log.back();
  // The same name, but another root.
  security::TestOverlay impostor;
  impostor.root = security::create_root(impostor.overlay_name, security::KeyType::ecdsa,
                                        security::test_now, impostor.random)
                      .value();
  RawNode false_friend{*network, impostor.identity()};
  false_friend.connect(host());
  EXPECT_TRUE(false_friend.is_cut_off());
}

TEST_F(Hostile, ARevokedNodeIsRefused) {
  auto& configuration = network->document.configuration;
  configuration.sequence = config::next(configuration.sequence);
  configuration.bad_nodes.insert(stranger.id());
  network->turn(host(), [&](Peer& peer) {
    const auto taken = peer.update_configuration(network->document.text());
    EXPECT_TRUE(taken) << taken.error().message();
  });
  EXPECT_TRUE(stranger.is_cut_off());
  stranger.connect(host());
  EXPECT_TRUE(stranger.is_cut_off());
}

TEST_F(Hostile, JoinAndLeaveOnlyAboutOneself) {
  EXPECT_EQ(error_of({host().id()}, wire::JoinReq{host(2).id(), {}}), ErrorCode::forbidden);
  EXPECT_EQ(error_of({host().id()}, wire::LeaveReq{host(2).id(), {}}), ErrorCode::forbidden);
  // Nor through others: only from the link itself.
  EXPECT_EQ(error_of({host(3).id()}, wire::JoinReq{stranger.id(), {}}), ErrorCode::forbidden);
  EXPECT_EQ(error_of({host(3).id()}, wire::LeaveReq{stranger.id(), {}}), ErrorCode::forbidden);
  EXPECT_EQ(network->ring_fault(), "");
}

TEST_F(Hostile, AJoinWhereAnotherIsResponsibleIsNotFound) {
  Host& right = network->responsible_for(ResourceId{stranger.id()});
  Host& wrong = host(right.index == 0 ? 1 : 0);
  RawNode joining{
      *network, network->document.overlay.identity(network->document.overlay.node(stranger.id()))};
  joining.connect(wrong);
  const auto outcome = joining.ask({wrong.id()}, wire::JoinReq{joining.id(), {}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::not_found);
}

TEST_F(Hostile, UpdatesFromAfarChangeNothing) {
  wire::ChordUpdate update;
  update.type = wire::ChordUpdateType::neighbors;
  EXPECT_EQ(error_of({host(3).id()}, update), std::nullopt);
  network->run_for(seconds{1});
  EXPECT_EQ(network->ring_fault(), "");
}

TEST_F(Hostile, OriginalsAreTakenOnlyWhereThePeerIsResponsible) {
  const std::string user = "alice@example.org";
  const auto place = host().peer->resource_id(user);
  const auto signer = stranger.identity().user(user, network->now().wall).value();
  Host& wrong = *network->ring_order(NodeId::from_bytes(place.bytes()).value())[1];
  auto options = with(*signer);
  options.credential = signer;
  EXPECT_EQ(error_of({wrong.id()}, store_of(*signer, place, 0), options), ErrorCode::not_found);
  EXPECT_EQ(error_of({place}, store_of(*signer, place, 0), options), std::nullopt);
}

TEST_F(Hostile, AnOriginalMustBeSignedByWhoMayWrite) {
  const std::string user = "alice@example.org";
  const auto place = host().peer->resource_id(user);
  const auto alice = stranger.identity().user(user, network->now().wall).value();
  const auto mallory = stranger.identity().user("mallory@example.org", network->now().wall).value();
  // The value is hers, the message is not.
  EXPECT_EQ(error_of({place}, store_of(*alice, place, 0), with(*alice)), ErrorCode::forbidden);
  // The value is somebody else's.
  auto options = with(*mallory);
  options.credential = mallory;
  EXPECT_EQ(error_of({place}, store_of(*mallory, place, 0), options), ErrorCode::forbidden);
  // The signature is not good.
  auto store = store_of(*alice, place, 0);
  store.kind_data[0].values[0].signature.signature_value[10] ^= 1;
  options = with(*alice);
  options.credential = alice;
  EXPECT_EQ(error_of({place}, store, options), ErrorCode::forbidden);
  const auto found = network->lookup(host(2), user, {credential});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST_F(Hostile, ReplicasAreTakenOnlyFromThePeersNextToTheResource) {
  const std::string user = "alice@example.org";
  const auto place = host().peer->resource_id(user);
  const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
  const auto signer = stranger.identity().user(user, network->now().wall).value();
  // From a node that is nowhere near.
  const auto own = topology::RingPosition{place}.distance_to(topology::RingPosition{stranger.id()});
  const auto last =
      topology::RingPosition{place}.distance_to(topology::RingPosition{order[4]->id()});
  if (own > last) {
    EXPECT_EQ(error_of({order[1]->id()}, store_of(*signer, place, 1), with(*signer)),
              ErrorCode::forbidden);
  }
  // To a peer that is no replica.
  EXPECT_EQ(error_of({order[5]->id()}, store_of(*signer, place, 1), with(*signer)),
            ErrorCode::forbidden);
}

TEST_F(Hostile, DigestsAreOnlyForPeers) {
  const auto request = make_digest_request({{host(0).id(), host(1).id()}});
  EXPECT_EQ(error_of({host().id()}, request), ErrorCode::forbidden);
}

TEST_F(Hostile, MalformedBodiesAreAnsweredWithAnError) {
  for (const auto code : {MessageCode::store_req, MessageCode::fetch_req, MessageCode::stat_req,
                          MessageCode::find_req, MessageCode::join_req, MessageCode::leave_req,
                          MessageCode::update_req, MessageCode::route_query_req,
                          MessageCode::ping_req, MessageCode::probe_req, MessageCode::attach_req,
                          MessageCode::app_attach_req, MessageCode::config_update_req}) {
    const auto outcome = stranger.ask({host().id()}, code, Bytes{0xff});
    ASSERT_FALSE(outcome) << wire::to_string(code);
    EXPECT_TRUE(outcome.error().response)
        << wire::to_string(code) << ": " << outcome.error().error.message();
  }
  EXPECT_FALSE(stranger.is_cut_off());
}

TEST_F(Hostile, AnAttachWithoutAUsableCandidateIsRefused) {
  wire::AttachReqAns attach;
  EXPECT_EQ(
      stranger.ask({host().id()}, MessageCode::attach_req, wire::encode(attach)).error().error.code,
      ErrorCode::incompatible_with_overlay);
  attach.candidates = make_candidates({"0.0.0.0", 6084});
  EXPECT_FALSE(stranger.ask({host().id()}, MessageCode::attach_req, wire::encode(attach)));
}

TEST_F(Hostile, AppAttachIsNotFound) {
  wire::AppAttachReq attach;
  attach.application = wire::ApplicationId::sip;
  EXPECT_EQ(error_of({host().id()}, attach), ErrorCode::not_found);
}

TEST_F(Hostile, AConfigurationThatNobodySignedIsNotTaken) {
  const auto before = host().peer->status().configuration_sequence;
  auto& configuration = network->document.configuration;
  configuration.sequence = config::next(configuration.sequence);
  std::string text = network->document.text();
  text = config::replaced(text, "<max-message-size>", "<max-message-size>1");
  network->turn(host(), [&](Peer& peer) { EXPECT_FALSE(peer.update_configuration(text)); });
  EXPECT_EQ(host().peer->status().configuration_sequence, before);
}

TEST_F(Hostile, RouteQueryAndProbeAnswer) {
  wire::RouteQueryReq query;
  query.destination = host().id();
  auto outcome = stranger.ask({host().id()}, query);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(wire::decode_whole<wire::ChordRouteQueryAns>(outcome->contents.message_body)->next_peer,
            host().id());
  query.destination = ResourceId{network->ring_order(host().id())[1]->id()};
  outcome = stranger.ask({host().id()}, query);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(wire::decode_whole<wire::ChordRouteQueryAns>(outcome->contents.message_body)->next_peer,
            network->ring_order(host().id())[1]->id());

  using wire::ProbeInformationType;
  const wire::ProbeReq probe{{ProbeInformationType::uptime, ProbeInformationType::num_resources,
                              ProbeInformationType::responsible_set, ProbeInformationType{200}}};
  outcome = stranger.ask({host().id()}, probe);
  ASSERT_TRUE(outcome);
  const auto answer = wire::decode_whole<wire::ProbeAns>(outcome->contents.message_body).value();
  ASSERT_EQ(answer.probe_info.size(), 3U);
  EXPECT_EQ(answer.probe_info[0].type, ProbeInformationType::uptime);
  EXPECT_EQ(std::get<std::uint32_t>(answer.probe_info[1].value), resources_on(host()));
  const double share = host().peer->status().range_fraction;
  EXPECT_NEAR(std::get<std::uint32_t>(answer.probe_info[2].value), share * 1e9, 1.0);
}

}  // namespace
}  // namespace carillon::peer
