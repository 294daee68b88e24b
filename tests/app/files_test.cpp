#include "io/files.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

#include "app/failure.hpp"
#include "app/known_peers_file.hpp"
#include "app/node_id_choice.hpp"
#include "app/overlay_files.hpp"
#include "app/status_json.hpp"

namespace carillon::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = testing::TempDir() + "carillon-app-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory = name;
  }
  ~Files() override { fs::remove_all(directory); }

  void create(std::vector<std::string> domains = {}, const std::string& key_type = "ecdsa") {
    create_overlay({.name = "overlay.example.org",
                    .directory = directory / "overlay",
                    .domains = std::move(domains),
                    .key_type = key_type,
                    .bootstrap = {"192.0.2.1:6084"}});
  }

  fs::path directory;
};

TEST_F(Files, APeerCanBeStartedFromWhatEnrollWrote) {
  for (const char* key_type : {"ecdsa", "rsa"}) {
    create({"example.org", "Example.net"}, key_type);
    const auto id = enroll_peer(directory / "overlay", directory / "peer");
    const auto files = load_peer(directory / "peer");
    EXPECT_EQ(files.identity.node_id(), id);
    EXPECT_TRUE(files.identity.is_registrar());
    EXPECT_THAT(files.chain, SizeIs(1));
    const auto& overlay = files.configuration.configuration();
    EXPECT_EQ(overlay.instance_name, "overlay.example.org");
    EXPECT_THAT(sip_domains(overlay), ElementsAre("example.org", "example.net"));
    EXPECT_THAT(overlay.bootstrap_nodes, ElementsAre(config::BootstrapNode{"192.0.2.1", 6084}));
    fs::remove_all(directory / "overlay");
    fs::remove_all(directory / "peer");
  }
}

TEST_F(Files, KeysAreTheOwnersOnly) {
  create();
  enroll_peer(directory / "overlay", directory / "peer");
  for (const char* name : {"overlay/root.key", "overlay/config-signer.key", "overlay/operator.key",
                           "peer/node.key", "peer/registrar-ca.key", "peer/operator.key"}) {
    EXPECT_EQ(fs::status(directory / name).permissions(),
              fs::perms::owner_read | fs::perms::owner_write)
        << name;
  }
}

TEST_F(Files, NothingIsOverwritten) {
  create();
  EXPECT_THROW(create(), Failure);
  enroll_peer(directory / "overlay", directory / "peer");
  EXPECT_THROW(enroll_peer(directory / "overlay", directory / "peer"), Failure);
}

TEST_F(Files, WithoutADomainTheOverlaysNameIsOne) {
  create();
  enroll_peer(directory / "overlay", directory / "peer");
  EXPECT_THAT(sip_domains(load_peer(directory / "peer").configuration.configuration()),
              ElementsAre("overlay.example.org"));
}

TEST_F(Files, ADomainIsNoPattern) {
  EXPECT_THAT(domain_patterns({"Sip.example.org"}), ElementsAre("sip\\.example\\.org"));
  EXPECT_THROW((void)domain_patterns({"example.*"}), Failure);
  EXPECT_THROW((void)domain_patterns({""}), Failure);
}

TEST_F(Files, ARootThatTheDocumentDoesNotTrust) {
  create();
  enroll_peer(directory / "overlay", directory / "peer");
  fs::rename(directory / "overlay", directory / "first");
  create();
  fs::copy_file(directory / "overlay/root.crt", directory / "peer/root.crt",
                fs::copy_options::overwrite_existing);
  try {
    (void)load_peer(directory / "peer");
    FAIL() << "it was believed";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("root"));
  }
}

TEST_F(Files, KnownPeersAreRemembered) {
  std::vector<Notice> notices;
  const auto log = [&notices](Notice notice) { notices.push_back(std::move(notice)); };
  const auto path = directory / "known";
  EXPECT_THAT(KnownPeersFile(path, log).read(), IsEmpty());
  const std::vector<link::AddressPort> peers{{"192.0.2.1", 6084}, {"2001:db8::1", 1}};
  KnownPeersFile(path, log).update(peers);
  KnownPeersFile again(path, log);
  EXPECT_EQ(again.read(), peers);
  again.update({});
  EXPECT_EQ(KnownPeersFile(path, log).read(), peers) << "nobody is not worth remembering";
  EXPECT_THAT(notices, IsEmpty());
}

TEST_F(Files, KnownPeersThatCannotBeWrittenAreANoticeOnce) {
  int notices = 0;
  KnownPeersFile file(directory / "absent/known", [&notices](Notice) { ++notices; });
  file.update({{"192.0.2.1", 6084}});
  file.update({{"192.0.2.1", 6084}});
  EXPECT_EQ(notices, 1);
}

TEST_F(Files, EachEnrolledPeerKnowsOfTheOthers) {
  SeededRandom random(1);
  const auto first = choose_node_id(directory / "enrolled", random);
  const auto second = choose_node_id(directory / "enrolled", random);
  EXPECT_EQ(io::read_file(directory / "enrolled"), first.to_hex() + "\n" + second.to_hex() + "\n");
  ASSERT_TRUE(io::write_file(directory / "enrolled", as_bytes("nonsense\n"), io::FileMode::shared));
  EXPECT_THROW((void)choose_node_id(directory / "enrolled", random), Failure);
}

TEST_F(Files, ThePlaceOfAPeerThatHasGoneIsFilled) {
  SeededRandom random(1);
  const auto list = directory / "enrolled";
  std::vector<NodeId> nodes;
  for (int i = 0; i < 4; ++i)
    nodes.push_back(choose_node_id(list, random));
  EXPECT_EQ(retire_node_id(list, nodes[1]), nodes[1]);
  EXPECT_THROW(retire_node_id(list, nodes[1]), Failure) << "it is not there any more";
  EXPECT_EQ(io::read_file(list),
            nodes[0].to_hex() + "\n" + nodes[2].to_hex() + "\n" + nodes[3].to_hex() + "\n");
  const auto chosen = retire_node_id(list, std::nullopt);
  EXPECT_THAT(nodes, testing::Contains(chosen));
  EXPECT_THROW(retire_node_id(directory / "absent", std::nullopt), Failure);
}

TEST(ResponsibleNode, IsTheFirstAtOrAfterTheResource) {
  const auto node = [](const char* start) {
    return NodeId::from_hex(start + std::string(30, '0')).value();
  };
  peer::PeerStatus status;
  status.node_id = node("80");
  status.successors = {node("c0"), node("40")};
  status.predecessors = {node("40"), node("c0")};
  EXPECT_EQ(responsible_node(status, ResourceId(node("00"))), node("40"));
  EXPECT_EQ(responsible_node(status, ResourceId(node("40"))), node("40"));
  EXPECT_EQ(responsible_node(status, ResourceId(node("41"))), node("80"));
  EXPECT_EQ(responsible_node(status, ResourceId(node("c1"))), node("40"));
}

}  // namespace
}  // namespace carillon::app
