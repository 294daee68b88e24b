#include "config/document_writer.hpp"

namespace carillon::config {
namespace {

// A registration with its Node-ID's route needs some 40 octets; a certificate up to 2 KB (RSA); a
// contact list, which is bounded by its peer, up to 16 KB.
constexpr std::uint32_t registration_size = 1'000;
constexpr std::uint32_t certificate_size = 4'096;
constexpr std::uint32_t contacts_size = 16'384;
constexpr std::uint32_t credential_size = 1'024;
constexpr std::uint32_t claim_size = 64;
constexpr std::uint32_t enrollment_servers = 8;
// One entry for each peer that a user's phones hang on.
constexpr std::uint32_t peers_of_a_user = 32;
constexpr std::uint32_t certificates_of_one = 8;

// Values travel with the certificates of who stored them: two each, of up to 1.5 KB.
constexpr std::uint32_t message_size = 65'536;

KindDefinition with_limits(KindDefinition kind, std::uint32_t max_count, std::uint32_t max_size) {
  kind.max_count = max_count;
  kind.max_size = max_size;
  return kind;
}

}  // namespace

std::vector<KindDefinition> default_kinds() {
  return {
      with_limits(*registered_kind(KindId::sip_registration), peers_of_a_user, registration_size),
      with_limits(*registered_kind(KindId::certificate_by_node), certificates_of_one,
                  certificate_size),
      with_limits(*registered_kind(KindId::certificate_by_user), certificates_of_one,
                  certificate_size),
      {.id = KindId::carillon_contacts,
       .name = "0xf0000001",
       .data_model = wire::DataModel::dictionary,
       .access_control = AccessControl::user_node_match,
       .max_count = peers_of_a_user,
       .max_size = contacts_size},
      {.id = KindId::carillon_credential,
       .name = "0xf0000002",
       .data_model = wire::DataModel::single_value,
       .access_control = AccessControl::user_match,
       .max_count = 1,
       .max_size = credential_size},
      // That a newcomer's token was used (src/app/enrollment/), once for each server that did it.
      {.id = KindId::carillon_enrollment,
       .name = "0xf0000010",
       .data_model = wire::DataModel::dictionary,
       .access_control = AccessControl::user_node_match,
       .max_count = enrollment_servers,
       .max_size = claim_size},
  };
}

DomainRestrictions restricted_to(const std::vector<std::string>& domains) {
  DomainRestrictions restrictions{.enable = true, .patterns = {}};
  for (const auto& domain : domains) {
    std::string pattern;
    for (const char c : domain) {
      if (c == '.') pattern += '\\';  // Names have no other character that means something.
      pattern += c;
    }
    restrictions.patterns.push_back(std::move(pattern));
  }
  return restrictions;
}

OverlayConfiguration default_configuration(std::string instance_name) {
  OverlayConfiguration configuration;
  configuration.instance_name = std::move(instance_name);
  configuration.sequence = ConfigSequence{1};
  configuration.turn_density = 0;  // No ICE, so no TURN servers.
  configuration.no_ice = true;
  configuration.max_message_size = message_size;
  configuration.kinds = default_kinds();
  return configuration;
}

}  // namespace carillon::config
