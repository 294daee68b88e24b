#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "sip/name_address.hpp"
#include "sip/sip_message.hpp"
#include "sip/uri.hpp"
#include "sip/via.hpp"
#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using test::lines;
using test::parsed;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string options_text =
    lines({"OPTIONS sip:bob@example.org SIP/2.0",
           "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, "
           "SIP/2.0/TCP 192.0.2.2:5061;branch=z9hG4bKb",
           "X-Odd:   kept as it is,  also this", "f: <sip:a@x>;tag=1",
           "To: \"Bob, the <builder>\" <sip:bob@example.org>", "i: call", "CSeq: 7 OPTIONS"});

std::string defect_of(std::string_view text) {
  const auto message = SipMessage::parse(as_bytes(text), SipLimits{});
  return message ? message->defect() : "unparsable: " + message.error().message();
}

TEST(SipMessage, ReadsARequest) {
  const auto message = parsed(options_text);
  EXPECT_TRUE(message.is_request());
  EXPECT_EQ(message.method(), Method::options);
  EXPECT_EQ(message.request_uri(), "sip:bob@example.org");
  EXPECT_EQ(message.count(HeaderId::via), 2U);
  EXPECT_EQ(message.header(HeaderId::via, 1), "SIP/2.0/TCP 192.0.2.2:5061;branch=z9hG4bKb");
  EXPECT_EQ(message.cseq()->number, 7U);
  EXPECT_EQ(message.cseq()->method, "OPTIONS");
}

TEST(SipMessage, LeavesWhatItDoesNotTouch) {
  const auto text = parsed(options_text).serialize();
  EXPECT_THAT(text, HasSubstr("X-Odd: kept as it is,  also this\r\n"));
  EXPECT_THAT(text, HasSubstr("To: \"Bob, the <builder>\" <sip:bob@example.org>\r\n"));
  EXPECT_LT(text.find("X-Odd"), text.find("\r\nf:"));
}

TEST(SipMessage, ChangesHeaders) {
  auto message = parsed(options_text);
  message.prepend(HeaderId::via, "SIP/2.0/UDP first");
  message.append(HeaderId::route, "<sip:r1;lr>");
  message.prepend(HeaderId::route, "<sip:r0;lr>");
  message.set(HeaderId::max_forwards, "69");
  message.set_request_uri("sip:elsewhere");
  const auto again = parsed(message.serialize());
  EXPECT_EQ(again.header(HeaderId::via), "SIP/2.0/UDP first");
  EXPECT_EQ(again.count(HeaderId::via), 3U);
  EXPECT_EQ(again.header(HeaderId::route), "<sip:r0;lr>");
  EXPECT_EQ(again.header(HeaderId::route, 1), "<sip:r1;lr>");
  EXPECT_EQ(again.header(HeaderId::max_forwards), "69");
  EXPECT_EQ(again.request_uri(), "sip:elsewhere");
  message.remove_all(HeaderId::via);
  EXPECT_FALSE(message.has(HeaderId::via));
}

TEST(SipMessage, JoinsContinuationLines) {
  const auto message = parsed(lines({"OPTIONS sip:bob@example.org SIP/2.0", "Subject: one", "  two",
                                     "\tthree", "To :", " <sip:b@x>"}));
  EXPECT_THAT(message.serialize(), HasSubstr("Subject: one    two  \tthree\r\n"));
  EXPECT_EQ(message.header(HeaderId::to), "<sip:b@x>");
}

TEST(SipMessage, TakesTheBodyAsLongAsItIsSaidToBe) {
  const auto start = "MESSAGE sip:b@x SIP/2.0\r\nContent-Length: ";
  EXPECT_EQ(parsed(start + std::string{"5\r\n\r\nhello and more"}).body(), "hello");
  EXPECT_EQ(parsed("MESSAGE sip:b@x SIP/2.0\r\nVia: x\r\n\r\nall of it").body(), "all of it");
  EXPECT_THAT(defect_of(start + std::string{"50\r\n\r\nhello"}),
              HasSubstr("Content-Length larger"));
  for (const auto* length : {"-1", "1e3", "", "99999999999999999999999999", "0x5", "5 5"}) {
    EXPECT_THAT(defect_of(start + std::string{length} + "\r\n\r\nhello"),
                HasSubstr("Content-Length"))
        << length;
  }
  EXPECT_THAT(defect_of(start + std::string{"5\r\nl: 5\r\n\r\nhello"}), HasSubstr("More than one"));
}

TEST(SipMessage, KeepsABinaryBody) {
  const std::string body{"\0\r\n\xff--\0", 7};
  const auto text = lines({"MESSAGE sip:b@x SIP/2.0"}, body);
  EXPECT_EQ(parsed(text).body(), body);
  EXPECT_TRUE(parsed(text).serialize().ends_with(body));
}

TEST(SipMessage, SaysWhatIsWrong) {
  EXPECT_THAT(defect_of("OPTIONS sip:b@x SIP/2.0\r\nVia: x\r\n"), HasSubstr("no empty line"));
  EXPECT_THAT(defect_of("OPTIONS sip:b@x SIP/2.0\r\nno colon here\r\n\r\n"),
              HasSubstr("Malformed header"));
  EXPECT_THAT(defect_of("OPTIONS sip:b@x  SIP/2.0\r\n\r\n"), HasSubstr("Request-Line"));
  EXPECT_THAT(defect_of("OPTIONS sip:b@x; a=b SIP/2.0\r\n\r\n"), HasSubstr("Request-Line"));
  EXPECT_THAT(defect_of("OPTIONS sip:b@x SIP/2.0\r\nVia: a" + std::string(1, '\0') + "b\r\n\r\n"),
              HasSubstr("Control character"));
  EXPECT_THAT(defect_of("OPTIONS sip:b@x SIP/2.0\r\nVia: a\rb\r\n\r\n"),
              HasSubstr("Control character"));
  EXPECT_THAT(defect_of("hello"), HasSubstr("unparsable"));
  EXPECT_THAT(defect_of(""), HasSubstr("unparsable"));
  EXPECT_THAT(defect_of("\r\n\r\n"), HasSubstr("unparsable"));
  EXPECT_THAT(defect_of("SIP/2.0 99 Low\r\n\r\n"), HasSubstr("unparsable"));
  EXPECT_THAT(defect_of("SIP/3.0 200 OK\r\n\r\n"), HasSubstr("unparsable"));
  EXPECT_THAT(defect_of("SIP/2.0 2000 OK\r\n\r\n"), HasSubstr("unparsable"));
}

TEST(SipMessage, HasLimits) {
  SipLimits limits;
  limits.headers = 3;
  limits.header_bytes = 10;
  limits.message_bytes = 200;
  const auto parse = [&](const std::string& text) {
    return SipMessage::parse(as_bytes(text), limits);
  };
  const std::string start = "OPTIONS sip:b@x SIP/2.0\r\n";
  EXPECT_EQ(parse(start + "a: b\r\na: b\r\na: b\r\n\r\n")->defect(), "");
  EXPECT_EQ(parse(start + "a: b\r\na: b\r\na: b\r\na: b\r\n\r\n")->defect(), "Too many headers");
  EXPECT_THAT(parse(start + "a: 12345678901\r\n\r\n")->defect(), HasSubstr("Header too long"));
  EXPECT_THAT(parse("OPTIONS sip:12345678 SIP/2.0\r\n\r\n")->defect(), "Request-URI too long");
  EXPECT_FALSE(parse(start + std::string(200, 'a')));
}

TEST(SipMessage, MakesResponses) {
  const auto response = make_response(parsed(options_text), 404, {}, "tag9");
  const auto text = response.serialize();
  EXPECT_TRUE(text.starts_with("SIP/2.0 404 Not Found\r\n")) << text;
  const auto again = parsed(text);
  EXPECT_EQ(again.status(), 404);
  EXPECT_EQ(again.count(HeaderId::via), 2U);
  EXPECT_EQ(tag_of(again.header(HeaderId::to)), "tag9");
  EXPECT_EQ(again.header(HeaderId::call_id), "call");
}

TEST(Uri, TakesApart) {
  const auto uri = Uri::parse("sip:al%69ce:pw@Example.ORG:5070;transport=tcp;lr?h=v");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->user, "alice");
  EXPECT_EQ(uri->password, "pw");
  EXPECT_EQ(uri->host, "example.org");
  EXPECT_EQ(uri->port, 5070);
  EXPECT_EQ(uri->transport(), Transport::tcp);
  EXPECT_NE(uri->param("LR"), nullptr);
  EXPECT_TRUE(uri->has_headers);
  EXPECT_EQ(address_of_record(*uri), "alice@example.org");
}

TEST(Uri, KnowsIpv6) {
  const auto uri = Uri::parse("sip:alice@[2001:DB8::0:1]:5070");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->host_port(), (HostPort{"2001:db8::1", 5070}));
  EXPECT_FALSE(Uri::parse("sip:alice@[2001:db8::zz]"));
}

TEST(Uri, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "sip", "sip:", ":x", "sip:@", "sip:a@", "sip:a@b c", "sip:a@b:99999", "sip:a@b:0",
        "sip:a@b:x", "<sip:a@b>", "sip:a%2500b@c", "sip:a@b\tc", "sip:a@h\"h", "s ip:a@b",
        "sip:a%0d%0ab@c", "sip:a@b;lr;transport=tcp;Transport=udp"}) {
    EXPECT_FALSE(Uri::parse(text)) << text;
  }
  EXPECT_TRUE(Uri::parse("tel:+1-201-555-0123"));
  EXPECT_FALSE(Uri::parse("tel:+1-201-555-0123")->is_sip());
}

TEST(Uri, ComparesAsRfc3261Says) {
  const auto same = [](const char* a, const char* b) {
    return equivalent(*Uri::parse(a), *Uri::parse(b));
  };
  // The examples of 19.1.4.
  EXPECT_TRUE(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  EXPECT_TRUE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"));
  EXPECT_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  EXPECT_FALSE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
}

TEST(UriTest, TellsTheTransportAndItsPort) {
  struct Case {
    const char* uri;
    std::optional<Transport> transport;
    std::uint16_t port;
  };
  // RFC 3261, 19.1.2 and 26.2.2; RFC 7118, 5.2 and 5.4.
  for (const auto& [text, transport, port] : {
           Case{"sip:a@b", Transport::udp, 5060},
           Case{"sip:a@b;transport=TCP", Transport::tcp, 5060},
           Case{"sip:a@b;transport=tls", Transport::tls, 5061},
           Case{"sip:a@b;transport=ws", Transport::ws, 80},
           Case{"sip:a@b;transport=wss", Transport::wss, 443},
           Case{"sips:a@b", Transport::tls, 5061},
           Case{"sips:a@b;transport=tcp", Transport::tls, 5061},
           Case{"sips:a@b;transport=ws", Transport::wss, 443},
           Case{"sips:a@b:5070", Transport::tls, 5070},
           Case{"sips:a@b;transport=udp", std::nullopt, 5061},
           Case{"sip:a@b;transport=sctp", std::nullopt, 5060},
       }) {
    const auto uri = Uri::parse(text);
    ASSERT_TRUE(uri) << text;
    EXPECT_EQ(uri->transport(), transport) << text;
    EXPECT_EQ(uri->host_port().port, port) << text;
  }
}

TEST(ViaTest, FillsInThePortOfTheTransport) {
  for (const auto& [transport, port] :
       {std::pair{"UDP", 5060}, std::pair{"TCP", 5060}, std::pair{"TLS", 5061}, std::pair{"WS", 80},
        std::pair{"WSS", 443}}) {
    const auto via = Via::parse(std::string{"SIP/2.0/"} + transport + " host;branch=z9hG4bK1");
    ASSERT_TRUE(via);
    EXPECT_EQ(via->sent_by().port, port) << transport;
  }
}

TEST(NameAddress, ReadsItsForms) {
  const auto full =
      NameAddress::parse("\"A \\\" <x> ;\" <sip:a@b;x=1>;tag=t;q=0.5;+sip.instance=\"<urn:u>\"");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->uri_text, "sip:a@b;x=1");
  EXPECT_EQ(full->tag(), "t");
  EXPECT_EQ(param_value(full->params, "+SIP.instance"), "\"<urn:u>\"");
  const auto bare = NameAddress::parse("sip:a@b;tag=1");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->uri_text, "sip:a@b");
  EXPECT_EQ(bare->tag(), "1");
  EXPECT_EQ(tag_of("\";tag=no\" <sip:a@b;tag=neither> ; tag = yes"), "yes");
}

TEST(NameAddress, RefusesWhatIsNone) {
  for (const auto* text : {"", "\"open <sip:a@b>", "<sip:a@b", "<sip:a@b> junk", "<>",
                           "<<sip:a@b>>", "<sip:a@b>tag=1"}) {
    EXPECT_FALSE(NameAddress::parse(text)) << text;
  }
}

TEST(Via, TakesApart) {
  const auto via = Via::parse("SIP / 2.0 / udp  First.example.com:4000;branch=z9hG4bKa;rport");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->sent_by(), (HostPort{"first.example.com", 4000}));
  EXPECT_EQ(via->branch(), "z9hG4bKa");
  EXPECT_NE(find_param(via->params, "rport"), nullptr);
  const auto odd = Via::parse("SIP/2.0/UDP a;branch=z9hG4bK-.!%66*_+`'~;note=\"x \\\" y\"");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->branch(), "z9hG4bK-.!%66*_+`'~");
  EXPECT_EQ(param_value(odd->params, "note"), "\"x \\\" y\"");
  EXPECT_EQ(Via::parse("SIP/2.0/TLS [2001:db8::1]")->sent_by(), (HostPort{"2001:db8::1", 5061}));
}

TEST(Via, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP :5060", "SIP/3.0/UDP a", "SIP/2.0/UDP a:99999",
        "x", "SIP/2.0/UDP a;b <c", "SIP/2.0/UDP a;b=\"c", "SIP/2.0/UDP a;b=\"c\"d\""}) {
    EXPECT_FALSE(Via::parse(text)) << text;
  }
}

}  // namespace
}  // namespace carillon::sip
