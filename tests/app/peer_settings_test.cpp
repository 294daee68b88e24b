#include "app/peer_settings.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

namespace carillon::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Settings : public testing::Test {
 protected:
  Settings() { define_peer_settings(command, settings); }
  ~Settings() override {
    for (const auto& name : environment)
      ::unsetenv(name.c_str());
  }
  void set_environment(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    environment.push_back(name);
  }
  void parse(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // CLI11 takes them from the back.
    command.parse(arguments);
  }

  CLI::App command;
  PeerSettings settings;
  std::vector<std::string> environment;
};

const std::vector<std::string> required{"--dir", "peer", "--data", "data", "--listen", "h:1"};

std::vector<std::string> with_required(std::vector<std::string> more) {
  more.insert(more.end(), required.begin(), required.end());
  return more;
}

TEST_F(Settings, FromFlags) {
  parse(with_required({"--first", "--sip", "udp:h:5060", "--sip", "tcp:[::1]:5060", "--bootstrap",
                       "a:1", "--bootstrap", "b:2", "--confirmations", "2"}));
  EXPECT_EQ(settings.directory, "peer");
  EXPECT_EQ(settings.data, "data");
  EXPECT_EQ(settings.listen, "h:1");
  EXPECT_TRUE(settings.first);
  EXPECT_THAT(settings.sip, ElementsAre("udp:h:5060", "tcp:[::1]:5060"));
  EXPECT_THAT(settings.bootstrap, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(settings.confirmations, 2U);
  EXPECT_EQ(settings.log_level, "info");
  EXPECT_THAT(settings.digest, ElementsAre("MD5", "SHA-256"));
}

TEST_F(Settings, TlsForPhonesNeedsBothFiles) {
  parse(with_required({"--sip", "tls:h:5061", "--sip-tls-certificate", "c", "--sip-tls-key", "k"}));
  EXPECT_EQ(settings.sip_tls_certificate, "c");
  EXPECT_EQ(settings.sip_tls_key, "k");
  EXPECT_THROW(parse(with_required({"--sip-tls-certificate", "c"})), CLI::ParseError);
  EXPECT_THROW(parse(with_required({"--sip-tls-key", "k"})), CLI::ParseError);
  EXPECT_THROW(parse(with_required({"--sip", "dtls:h:5061"})), CLI::ParseError);
}

TEST_F(Settings, ServersBeforeUs) {
  parse(with_required({}));
  EXPECT_TRUE(settings.trust.empty());
  EXPECT_EQ(settings.redirect, "nobody");
}

TEST_F(Settings, ServersBeforeUsThatWeTrust) {
  parse(
      with_required({"--trust", "192.0.2.1", "--trust", "2001:db8::/32", "--redirect", "trusted"}));
  EXPECT_THAT(settings.trust, ElementsAre("192.0.2.1", "2001:db8::/32"));
  EXPECT_EQ(settings.redirect, "trusted");
  EXPECT_THROW(parse(with_required({"--trust", "example.org"})), CLI::ValidationError);
}

TEST_F(Settings, DigestsInTheOrderGiven) {
  parse(with_required({"--digest", "SHA-256", "--digest", "MD5"}));
  EXPECT_THAT(settings.digest, ElementsAre("SHA-256", "MD5"));
}

TEST_F(Settings, FromTheEnvironment) {
  set_environment("CARILLON_DIR", "peer");
  set_environment("CARILLON_DATA", "data");
  set_environment("CARILLON_LISTEN", "h:1");
  set_environment("CARILLON_FIRST", "true");
  set_environment("CARILLON_SIP", "udp:h:5060,tcp:h:5060");
  set_environment("CARILLON_SIP_PEER", "h:5061");
  set_environment("CARILLON_SIP_TRUNK", "sip:a trusted register=+4930555,sip:b");
  set_environment("CARILLON_LOG_LEVEL", "debug");
  parse({});
  EXPECT_TRUE(settings.first);
  EXPECT_THAT(settings.sip_trunks, ElementsAre("sip:a trusted register=+4930555", "sip:b"));
  EXPECT_THAT(settings.sip, ElementsAre("udp:h:5060", "tcp:h:5060"));
  EXPECT_EQ(settings.sip_peer, "h:5061");
  EXPECT_EQ(settings.log_level, "debug");
}

TEST_F(Settings, FromAFileWhichAFlagOverrules) {
  const auto path = testing::TempDir() + "carillon-settings-" + std::to_string(::getpid());
  std::ofstream(path) << "dir = \"peer\"\ndata = \"data\"\nlisten = \"h:1\"\nfirst = true\n"
                         "sip = [\"udp:h:5060\", \"tcp:h:5060\"]\nlog-level = \"debug\"\n";
  parse({"--config", path, "--log-level", "error"});
  EXPECT_EQ(settings.listen, "h:1");
  EXPECT_TRUE(settings.first);
  EXPECT_THAT(settings.sip, ElementsAre("udp:h:5060", "tcp:h:5060"));
  EXPECT_EQ(settings.log_level, "error");
  std::ofstream(path) << "no-such-flag = 1\n";
  EXPECT_THROW(parse(with_required({"--config", path})), CLI::ParseError);
  std::filesystem::remove(path);
}

TEST_F(Settings, RefusesWhatCannotBe) {
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"--sip", "h:5060"},
                                                                 {"--sip", "udp:h"},
                                                                 {"--bootstrap", "nonsense"},
                                                                 {"--sip-peer", "::1:5061"},
                                                                 {"--confirmations", "3"},
                                                                 {"--log-level", "loud"},
                                                                 {"--digest", "SHA-1"},
                                                                 {"--config", "/nonexistent"},
                                                                 {"surplus"}}) {
    CLI::App other;
    PeerSettings unused;
    define_peer_settings(other, unused);
    auto arguments = with_required(wrong);
    std::ranges::reverse(arguments);
    EXPECT_THROW(other.parse(arguments), CLI::ParseError) << wrong.front();
  }
  EXPECT_THROW(parse({"--dir", "peer"}), CLI::ParseError);
}

TEST_F(Settings, HelpNamesTheEnvironment) {
  EXPECT_THAT(command.help(), HasSubstr("CARILLON_LOG_LEVEL"));
}

}  // namespace
}  // namespace carillon::app
