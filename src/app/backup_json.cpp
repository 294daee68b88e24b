#include "app/backup_json.hpp"

#include <algorithm>

#include "app/failure.hpp"
#include "base/hex.hpp"

namespace carillon::app {
namespace {

using BackupJson = nlohmann::ordered_json;

constexpr std::size_t max_backup_text = 4'096;

template <std::size_t size>
std::array<std::uint8_t, size> digest_from(const BackupJson& json, const char* name) {
  const auto octets = must(from_hex(json.at(name).get<std::string>()), name);
  std::array<std::uint8_t, size> digest{};
  if (octets.size() != size) throw Failure(std::string(name) + " has the wrong length");
  std::ranges::copy(octets, digest.begin());
  return digest;
}

/// No text that would make another message of a message it stands in.
std::string text_from(const BackupJson& json, const char* name) {
  auto text = json.value(name, std::string{});
  const bool clean =
      text.size() <= max_backup_text &&
      std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!clean) throw Failure(std::string(name) + " is no text of a binding");
  return text;
}

}  // namespace

BackupJson backup_json(const sip::Binding& binding) {
  BackupJson json{{"contact", binding.contact},
                  {"q", binding.q_thousandths},
                  {"expires_ms", to_milliseconds(binding.expires)},
                  {"updated_ms", to_milliseconds(binding.updated)},
                  {"call_id", binding.call_id},
                  {"cseq", binding.cseq},
                  {"only_through_peer", !binding.flow_token.empty()}};
  if (!binding.instance.empty()) json["instance"] = binding.instance;
  if (binding.reg_id != 0) json["reg_id"] = binding.reg_id;
  if (!binding.path.empty()) json["path"] = binding.path;
  if (!binding.received.empty()) json["received"] = binding.received;
  return json;
}

BackupJson backup_json(const sip::Credential& credential) {
  return {{"sha256", to_hex(credential.ha1_sha256)},
          {"md5", to_hex(credential.ha1_md5)},
          {"sha256_with_domain", to_hex(credential.ha1_sha256_with_domain)},
          {"md5_with_domain", to_hex(credential.ha1_md5_with_domain)},
          {"sha512_256", to_hex(credential.ha1_sha512_256)},
          {"sha512_256_with_domain", to_hex(credential.ha1_sha512_256_with_domain)}};
}

sip::Binding binding_from(const BackupJson& json) {
  sip::Binding binding;
  binding.contact = text_from(json, "contact");
  const bool is_sip = binding.contact.starts_with("sip:") || binding.contact.starts_with("sips:");
  if (!is_sip) throw Failure("the contact \"" + binding.contact + "\" is no SIP URI");
  binding.q_thousandths = static_cast<std::uint16_t>(std::clamp(json.value("q", 1000), 0, 1000));
  binding.call_id = text_from(json, "call_id");
  binding.cseq = json.value("cseq", std::uint32_t{0});
  binding.instance = text_from(json, "instance");
  binding.reg_id = json.value("reg_id", std::uint32_t{0});
  for (const auto& hop : json.value("path", BackupJson::array()))
    binding.path.push_back(text_from({{"path", hop}}, "path"));
  binding.received = text_from(json, "received");
  constexpr std::uint64_t latest = 9'000'000'000'000;  // The year 2255.
  binding.updated = wall_time(std::min(json.value("updated_ms", std::uint64_t{0}), latest));
  binding.expires = wall_time(std::min(json.at("expires_ms").get<std::uint64_t>(), latest));
  return binding;
}

sip::Credential credential_from(const BackupJson& json) {
  sip::Credential credential{.ha1_sha256 = digest_from<32>(json, "sha256"),
                             .ha1_md5 = digest_from<16>(json, "md5"),
                             .ha1_sha256_with_domain = digest_from<32>(json, "sha256_with_domain"),
                             .ha1_md5_with_domain = digest_from<16>(json, "md5_with_domain")};
  // Backups of older versions do not have them.
  if (json.contains("sha512_256") && json.contains("sha512_256_with_domain")) {
    credential.ha1_sha512_256 = digest_from<32>(json, "sha512_256");
    credential.ha1_sha512_256_with_domain = digest_from<32>(json, "sha512_256_with_domain");
  }
  return credential;
}

}  // namespace carillon::app
