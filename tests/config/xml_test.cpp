#include "config/xml.hpp"

#include <gtest/gtest.h>

#include "config/configuration_document.hpp"
#include "config/date_time.hpp"
#include "test_document.hpp"

namespace carillon::config {
namespace {

TEST(Xml, RefusesADoctype) {
  EXPECT_TRUE(fails_with(XmlDocument::parse("<!DOCTYPE overlay><overlay/>"), ErrorCode::malformed,
                         "DOCTYPE"));
}

TEST(Xml, RefusesABillionLaughs) {
  std::string text = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol0 \"lol\">";
  for (int i = 1; i < 10; ++i) {
    text += "<!ENTITY lol" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j)
      text += "&lol" + std::to_string(i - 1) + ";";
    text += "\">";
  }
  text += "]><overlay a=\"&lol9;\">&lol9;</overlay>";
  EXPECT_TRUE(fails_with(XmlDocument::parse(text), ErrorCode::malformed, "DOCTYPE"));
}

TEST(Xml, RefusesExternalEntities) {
  for (const char* text : {"<!DOCTYPE o [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><o>&x;</o>",
                           "<!DOCTYPE o SYSTEM \"http://example.org/o.dtd\"><o/>",
                           "<!DOCTYPE o [<!ENTITY % x SYSTEM \"http://example.org/\"> %x;]><o/>"}) {
    EXPECT_TRUE(fails_with(XmlDocument::parse(text), ErrorCode::malformed, "DOCTYPE"));
  }
}

TEST(Xml, RefusesWhatIsNotXml) {
  for (const std::string text : {"", " ", "<", "text", "<a>", "<a></b>", "<a/><b/>", "<a b/>",
                                 "<a>&b;</a>", "<a>\x01</a>", "<a>\xff</a>"}) {
    EXPECT_TRUE(fails_with(XmlDocument::parse(text), ErrorCode::malformed)) << text;
  }
  EXPECT_TRUE(fails_with(XmlDocument::parse(std::string("<a>\0</a>", 8)), ErrorCode::malformed));
}

TEST(Xml, RefusesOtherEncodings) {
  EXPECT_TRUE(fails_with(XmlDocument::parse("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
                         ErrorCode::malformed, "UTF-8"));
  using namespace std::string_view_literals;
  EXPECT_TRUE(fails_with(XmlDocument::parse("\xff\xfe<\0a\0/\0>\0"sv), ErrorCode::malformed));
  EXPECT_TRUE(XmlDocument::parse("\xef\xbb\xbf<a/>"));
}

TEST(Xml, RefusesWhatIsTooDeep) {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "<a>";
  EXPECT_TRUE(fails_with(XmlDocument::parse(text), ErrorCode::malformed));
}

TEST(ConfigurationDocumentSize, IsBounded) {
  EXPECT_TRUE(
      fails_with(ConfigurationDocument::parse(std::string(1'048'577, ' ')), ErrorCode::too_large));
}

// A megabyte of what is allowed many times: bounded time, and a clear answer.
TEST(ConfigurationDocumentSize, ManyElementsAreRefused) {
  TestDocument made;
  std::string many;
  while (many.size() < 900'000)
    many += "<bad-node>" + made.signer.node_id.to_hex() + "</bad-node>";
  EXPECT_TRUE(
      ConfigurationDocument::parse(replaced(made.text(), "<kind-signer>", many + "<kind-signer>")));
  many.clear();
  while (many.size() < 900'000)
    many += "<bootstrap-node address='a'/>";
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(
                             replaced(made.text(), "<bootstrap-node", many + "<bootstrap-node")),
                         ErrorCode::too_large));
  many.clear();
  while (many.size() < 900'000)
    many += "<x:y xmlns:x='urn:x'/>";
  EXPECT_TRUE(ConfigurationDocument::parse(replaced(made.text(), "<no-ice", many + "<no-ice")));
  many.clear();
  while (many.size() < 900'000)
    many += "<configuration instance-name='a'/>";
  EXPECT_TRUE(fails_with(ConfigurationDocument::parse(
                             replaced(made.text(), "<configuration ", many + "<configuration ")),
                         ErrorCode::too_large));
}

TEST(ElementExtents, AreTheOctetsOfEachElement) {
  const std::string text =
      "<?pi <x> ?><a b='>' c=\"<'/>\"><!-- <n> --><b/><c ><![CDATA[<d>]]></c\n>\xc3\xa4<e f='/'>"
      "</e></a><!---->";
  std::vector<std::string> found;
  for (const auto& extent : element_extents(text)) {
    found.push_back(text.substr(extent.begin, extent.end - extent.begin));
  }
  ASSERT_EQ(found.size(), 4U);
  EXPECT_TRUE(found[0].starts_with("<a b='>'") && found[0].ends_with("</e></a>"));
  EXPECT_EQ(found[1], "<b/>");
  EXPECT_EQ(found[2], "<c ><![CDATA[<d>]]></c\n>");
  EXPECT_EQ(found[3], "<e f='/'></e>");
}

TEST(DateTime, ReadsAndWrites) {
  EXPECT_EQ(to_milliseconds(parse_date_time("1970-01-01T00:00:00Z").value()), 0U);
  EXPECT_EQ(to_milliseconds(parse_date_time("2002-10-10T07:00:00Z").value()), 1'034'233'200'000U);
  EXPECT_EQ(to_milliseconds(parse_date_time("2024-02-29T23:59:59.25Z").value()),
            1'709'251'199'250U);
  EXPECT_EQ(parse_date_time("2002-10-10T07:00:00+00:00"), parse_date_time("2002-10-10T07:00:00Z"));
  EXPECT_EQ(format_date_time(wall_time(1'709'251'199'250)), "2024-02-29T23:59:59Z");
  for (auto text : {"", "2002-10-10", "2002-10-10T07:00:00", "2002-13-10T07:00:00Z",
                    "2023-02-29T07:00:00Z", "2002-10-10T24:00:00Z", "2002-10-10T07:00:00+01:00",
                    "2002-10-10T07:00:00.Z", "2002-10-10 07:00:00Z", "x002-10-10T07:00:00Z"}) {
    EXPECT_FALSE(parse_date_time(text)) << text;
  }
}

}  // namespace
}  // namespace carillon::config
