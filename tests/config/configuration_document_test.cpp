#include "config/configuration_document.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "config/relax_ng.hpp"
#include "rfc_example.hpp"
#include "test_document.hpp"

namespace carillon::config {
namespace {

TEST(RfcExample, IsValidAgainstTheSchema) {
  const auto xml = XmlDocument::parse(rfc_example);
  ASSERT_TRUE(xml) << xml.error().message();
  const auto valid = validate(*xml);
  EXPECT_TRUE(valid) << valid.error().message();
}

// Its certificates, Node-IDs and signatures are only for show. One after the other:
TEST(RfcExample, IsRefusedForWhatIsWrongInIt) {
  TestDocument made;
  std::string text = rfc_example;
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(text), ErrorCode::malformed, "root-cert"));
  const auto begin = text.find("MIIDJDCC");
  const auto end = text.find("</root-cert>");
  text.replace(begin, end - begin, to_base64(made.overlay.root.certificate->der()));
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(text), ErrorCode::malformed, "root-cert"));
  text = replaced(text, "<root-cert> YmFkIGNlcnQK </root-cert>", "");
  EXPECT_TRUE(
      fails_with(ConfigurationDocument::parse(text), ErrorCode::malformed, "configuration-signer"));
  for (const std::string id : {"47112162e84c69ba", "47112162e84c69ba ", "6eba45d31a900c06",
                               "6ebc45d31a900c06", "6ebc45d31a900ca6"}) {
    text = replaced(text, id, "0000000000000000" + id);
  }
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(text), ErrorCode::incompatible_with_overlay,
                         "config-ext1"));
  text = replaced(text, "urn:ietf:params:xml:ns:p2p:config-ext1\n", std::string(chord_namespace));

  const auto document = ConfigurationDocument::parse(text);
  ASSERT_TRUE(document) << document.error().message();
  const auto& c = document->configuration();
  EXPECT_EQ(c.instance_name, "overlay.example.org");
  EXPECT_EQ(c.overlay_hash(), wire::OverlayHash{0x9aa32b8d});
  EXPECT_EQ(c.sequence, ConfigSequence{22});
  EXPECT_EQ(to_milliseconds(c.expiration.value()), 1'034'233'200'000U);
  EXPECT_EQ(c.root_certs.size(), 1U);
  EXPECT_EQ(c.enrollment_servers,
            (std::vector<std::string>{"https://example.org", "https://example.net"}));
  EXPECT_FALSE(c.self_signed_permitted);
  EXPECT_EQ(c.bootstrap_nodes,
            (std::vector<BootstrapNode>{
                {"192.0.0.1", 6084}, {"192.0.2.2", 6084}, {"2001:DB8::1", 6084}}));
  EXPECT_EQ(c.turn_density, 20);
  EXPECT_FALSE(c.clients_permitted);
  EXPECT_FALSE(c.no_ice);
  EXPECT_EQ(c.chord,
            (ChordConfiguration{std::chrono::seconds{30}, std::chrono::seconds{400}, true}));
  EXPECT_EQ(c.shared_secret, "password");
  EXPECT_EQ(c.max_message_size, 4000U);
  EXPECT_EQ(c.initial_ttl, 30);
  EXPECT_EQ(c.overlay_reliability_timer, milliseconds{3000});
  EXPECT_EQ(c.kind_signers.size(), 2U);
  EXPECT_EQ(c.bad_nodes.size(), 2U);
  ASSERT_EQ(c.kinds.size(), 2U);
  // IANA's data model and access control win over the document's (11.1).
  EXPECT_EQ(c.kinds[0].id, KindId::sip_registration);
  EXPECT_EQ(c.kinds[0].data_model, wire::DataModel::dictionary);
  EXPECT_EQ(c.kinds[0].access_control, AccessControl::user_node_match);
  EXPECT_EQ(c.kinds[0].max_size, 100U);
  EXPECT_EQ(c.kinds[1].id, KindId{2000});
  EXPECT_EQ(c.kinds[1].name, "0x7d0");
  EXPECT_EQ(c.kinds[1].data_model, wire::DataModel::array);
  EXPECT_EQ(c.kinds[1].access_control, AccessControl::node_multiple);
  EXPECT_EQ(c.kinds[1].max_node_multiple, 3U);
  EXPECT_EQ(c.kinds[1].max_count, 22U);
  EXPECT_EQ(c.data_model(KindId{2000}), wire::DataModel::array);
  EXPECT_EQ(c.data_model(KindId{2001}), std::nullopt);
  EXPECT_TRUE(document->blob().starts_with("<configuration instance-name=\"overlay.example.org\""));
  EXPECT_TRUE(document->blob().ends_with("</required-kinds>\n   </configuration>"));
  EXPECT_EQ(document->text(), text);
  EXPECT_TRUE(document->kind_blocks()[1].octets.starts_with("<kind id=\"2000\">"));
  EXPECT_TRUE(document->kind_blocks()[1].octets.ends_with("</kind>"));
  EXPECT_TRUE(fails_with(check_supported(c), ErrorCode::incompatible_with_overlay, "ICE"));
  // "This is not right!\n" is no SecurityBlock.
  EXPECT_TRUE(document->signatures().empty());
  EXPECT_TRUE(
      fails_with(verify_self(*document, wall_time(0), made.verifier), ErrorCode::bad_signature));

  EXPECT_TRUE(
      fails_with(ConfigurationDocument::parse(text, "nobody.example"), ErrorCode::not_found));
  // The second configuration exists, and says nothing about whom to trust.
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(text, "other.example.net"),
                         ErrorCode::malformed, "root-cert"));
}

TEST(ConfigurationDocument, HasTheRfcsDefaults) {
  const auto document = ConfigurationDocument::parse(
      "<overlay xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\"><configuration "
      "instance-name=\"a.example\"><self-signed-permitted digest=\"sha1\">1</self-signed-permitted>"
      "</configuration></overlay>");
  ASSERT_TRUE(document) << document.error().message();
  const auto& c = document->configuration();
  EXPECT_EQ(c.sequence, ConfigSequence{0});
  EXPECT_FALSE(c.expiration);
  EXPECT_EQ(c.topology_plugin, "CHORD-RELOAD");
  EXPECT_EQ(c.node_id_length, 16);
  EXPECT_EQ(c.self_signed_permitted, security::SelfSignedDigest::sha1);
  EXPECT_EQ(c.turn_density, 1);
  EXPECT_TRUE(c.clients_permitted);
  EXPECT_FALSE(c.no_ice);
  EXPECT_EQ(c.chord,
            (ChordConfiguration{std::chrono::seconds{3600}, std::chrono::seconds{600}, true}));
  EXPECT_EQ(c.max_message_size, 5000U);
  EXPECT_EQ(c.initial_ttl, 100);
  EXPECT_EQ(c.overlay_reliability_timer, milliseconds{3000});
  EXPECT_EQ(c.overlay_link_protocols, std::vector<std::string>{"TLS"});
  EXPECT_TRUE(c.kinds.empty());
}

/// One element more (or instead of what `put` replaces) in a document that is good without it.
struct BadDocument {
  const char* name;
  std::string from;
  std::string to;
  ErrorCode code;
  std::string text;
};
void PrintTo(const BadDocument& bad, std::ostream* out) {
  *out << bad.name;
}

class Refused : public testing::TestWithParam<BadDocument> {};

TEST_P(Refused, WithTheReason) {
  TestDocument made;
  const auto& bad = GetParam();
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(replaced(made.text(), bad.from, bad.to)),
                         bad.code, bad.text));
}

constexpr auto malformed = ErrorCode::malformed;
constexpr auto incompatible = ErrorCode::incompatible_with_overlay;

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(
        BadDocument{"unknown_element", "<turn-density>", "<foo/><turn-density>", malformed, "foo"},
        BadDocument{"unknown_attribute", "<turn-density>", "<turn-density a='1'>", malformed,
                    "line"},
        BadDocument{"twice", "<turn-density>", "<no-ice>true</no-ice><turn-density>", malformed,
                    "no-ice"},
        BadDocument{"not_closed", "</turn-density>", "", malformed, "line"},
        BadDocument{"wrong_root", "<overlay ", "<underlay ", malformed, ""},
        BadDocument{"wrong_namespace", "p2p:config-base", "p2p:config-bass", malformed, ""},
        BadDocument{"not_a_number", "<turn-density>0", "<turn-density>x", malformed,
                    "turn-density"},
        BadDocument{"density", "<turn-density>0", "<turn-density>256", malformed, "turn-density"},
        BadDocument{"ttl_zero", "<initial-ttl>100", "<initial-ttl>0", malformed, "initial-ttl"},
        BadDocument{"ttl_large", "<initial-ttl>100", "<initial-ttl>256", malformed, "1 to 255"},
        BadDocument{"timer", "-timer>3000", "-timer>199", malformed, "overlay-reliability-timer"},
        BadDocument{"message_size", "-size>65536", "-size>16777216", malformed, "max-message-size"},
        BadDocument{"interval", "chord-ping-interval>3600", "chord-ping-interval>-1", malformed,
                    "chord-ping-interval"},
        BadDocument{"node_id_15", "length>16", "length>15", malformed, "node-id-length"},
        BadDocument{"node_id_20", "length>16", "length>20", incompatible, "node-id-length"},
        BadDocument{"plugin", "CHORD-RELOAD", "CHORD-SELF-TUNING", incompatible, "topology-plugin"},
        BadDocument{"extension", "<turn-density>",
                    "<mandatory-extension>urn:x</mandatory-extension><turn-density>", incompatible,
                    "urn:x"},
        BadDocument{"link_protocol", ">TLS<", ">SCTP<", incompatible, "overlay-link-protocol"},
        BadDocument{"kind_name", "CERTIFICATE_BY_NODE", "FOO-BAR", incompatible, "FOO-BAR"},
        BadDocument{"kind_zero", "4026531841", "0", malformed, "Kind-ID"},
        BadDocument{"kind_twice", "4026531841", "4026531842", malformed, "second time"},
        BadDocument{"kind_large", "4026531841", "4294967296", malformed, ""},
        BadDocument{"no_count", "<max-count>8</max-count>", "", malformed, "max-count"},
        BadDocument{"count_zero", "<max-count>8</max-count>", "<max-count>0</max-count>", malformed,
                    "max-count"},
        BadDocument{"multiple", "SINGLE</data-model>\n          <access-control>USER-MATCH",
                    "SINGLE</data-model><access-control>NODE-MULTIPLE", malformed,
                    "max-node-multiple"},
        BadDocument{"model", "SINGLE</data-model>", "TREE</data-model>", incompatible,
                    "data-model"},
        BadDocument{"access", "SINGLE</data-model>\n          <access-control>USER-MATCH",
                    "SINGLE</data-model><access-control>ALL-COMERS", incompatible,
                    "access-control"},
        BadDocument{"signer", "<kind-signer>", "<kind-signer>0", malformed, "kind-signer"},
        BadDocument{"root", "<root-cert>\nMII", "<root-cert>\nAAA", malformed, "root-cert"},
        BadDocument{"port", "port=\"6084\"", "port=\"66084\"", malformed, "bootstrap-node"},
        BadDocument{"port_zero", "port=\"6084\"", "port=\"0\"", malformed, "bootstrap-node"},
        BadDocument{"no_name", "instance-name=\"overlay.example.org\"", "instance-name=\"\"",
                    malformed, "instance-name"},
        BadDocument{"sequence", "sequence=\"1\"", "sequence=\"65535\"", malformed, "sequence"},
        BadDocument{"sequence_negative", "sequence=\"1\"", "sequence=\"-1\"", malformed,
                    "sequence"},
        BadDocument{"expiration", "sequence=\"1\"", "expiration=\"2027-01-01T00:00:00+01:00\"",
                    malformed, "expiration"},
        BadDocument{"encoding", "UTF-8", "ISO-8859-1", malformed, "UTF-8"},
        BadDocument{"digest", "<turn-density>",
                    "<self-signed-permitted digest=\"md5\">true</self-signed-permitted>"
                    "<turn-density>",
                    incompatible, "md5"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(ConfigurationDocument, ErrorsSayTheLine) {
  TestDocument made;
  const auto text = replaced(made.text(), "<initial-ttl>100", "<initial-ttl>0");
  const auto at = text.find("<initial-ttl>");
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(text), ErrorCode::malformed,
                         "(line " + std::to_string(line) + ")"));
}

TEST(ConfigurationDocument, TakesForeignElementsAndAttributes) {
  TestDocument made;
  auto text = replaced(made.text(), "<turn-density>",
                       "<x:a xmlns:x='urn:x'><x:b/>text<c xmlns=''/></x:a><turn-density>");
  text = replaced(text, "sequence=\"1\"", "sequence=\"1\" xmlns:y='urn:y' y:z='1'");
  EXPECT_TRUE(ConfigurationDocument::parse(text));
}

// 7904: its text puts <domain-restrictions> into the configuration, its grammar
// <domain-restriction> into the Kind.
TEST(ConfigurationDocument, TakesBothFormsOfDomainRestrictions) {
  TestDocument made;
  const std::string inside = " enable='true'><sip:pattern>dht\\.example\\.com</sip:pattern>";
  const auto in_configuration =
      replaced(made.text(), "<turn-density>",
               "<sip:domain-restrictions" + inside + "</sip:domain-restrictions><turn-density>");
  const auto in_kind = replaced(
      made.text(), "<data-model>DICTIONARY",
      "<sip:domain-restriction" + inside + "</sip:domain-restriction><data-model>DICTIONARY");
  for (const auto& text : {in_configuration, in_kind}) {
    const auto document = ConfigurationDocument::parse(text);
    ASSERT_TRUE(document) << document.error().message();
    const auto* kind = document->configuration().kind(KindId::sip_registration);
    ASSERT_TRUE(kind->domain_restrictions);
    EXPECT_EQ(*kind->domain_restrictions, (DomainRestrictions{true, {"dht\\.example\\.com"}}));
  }
  EXPECT_TRUE(
      fails_with(ConfigurationDocument::parse(replaced(in_kind, "dht\\.example\\.com", "(((")),
                 ErrorCode::malformed, "pattern"));
}

TEST(DomainRestrictions, Allow) {
  const DomainRestrictions some{true, {"dht\\.example\\.com", ".*\\.my\\.example"}};
  EXPECT_TRUE(some.allow("dht.example.com", "o"));
  EXPECT_TRUE(some.allow("DHT.example.com", "o"));
  EXPECT_TRUE(some.allow("a.b.my.example", "o"));
  EXPECT_FALSE(some.allow("xdht.example.com", "o"));
  EXPECT_FALSE(some.allow("dht.example.com.evil", "o"));
  EXPECT_FALSE(some.allow("my.example", "o"));
  EXPECT_FALSE(some.allow("", "o"));
  const DomainRestrictions own{};
  EXPECT_TRUE(own.allow("O.example", "o.example"));
  EXPECT_FALSE(own.allow("a.example", "o.example"));
  const DomainRestrictions any_character{true, {"a.example"}};
  EXPECT_TRUE(any_character.allow("axexample", "o"));
  EXPECT_FALSE(any_character.allow("axexamples", "o"));
  const DomainRestrictions alternatives{true, {"a|b"}};
  EXPECT_TRUE(alternatives.allow("b", "o"));
  EXPECT_FALSE(alternatives.allow("ab", "o"));
  EXPECT_TRUE(restricted_to({"a.example"}).allow("a.example", "o"));
  EXPECT_TRUE(restricted_to({"a.example"}).allow("A.EXAMPLE", "o"));
  for (auto other : {"axexample", "a.exampl", "a.examples", "b.example", "a.example."}) {
    EXPECT_FALSE(restricted_to({"a.example"}).allow(other, "o")) << other;
  }
}

TEST(Kinds, AreTheOnesThatWireKnows) {
  for (const auto& kind : default_kinds()) {
    EXPECT_EQ(wire::well_known_data_model(kind.id), kind.data_model) << kind.name;
  }
  for (const auto control : {AccessControl::user_match, AccessControl::node_match,
                             AccessControl::user_node_match, AccessControl::node_multiple}) {
    EXPECT_EQ(access_control_from_string(to_string(control)), control);
  }
}

TEST(ConfigSequenceTest, GoesRound) {
  EXPECT_TRUE(is_older(ConfigSequence{1}, ConfigSequence{2}));
  EXPECT_FALSE(is_older(ConfigSequence{2}, ConfigSequence{1}));
  EXPECT_FALSE(is_older(ConfigSequence{2}, ConfigSequence{2}));
  EXPECT_TRUE(is_older(ConfigSequence{65534}, ConfigSequence{0}));
  EXPECT_FALSE(is_older(ConfigSequence{0}, ConfigSequence{65534}));
  EXPECT_EQ(next(ConfigSequence{65534}), ConfigSequence{0});
  EXPECT_EQ(next(ConfigSequence{0}), ConfigSequence{1});
}

}  // namespace
}  // namespace carillon::config
