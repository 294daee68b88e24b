#include "sip/gruu.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::sip {
namespace {

constexpr std::size_t max_gruu_size = 256;
constexpr std::string_view temporary_prefix = "tgruu.";

std::uint64_t mark_of(std::string_view text) {
  const auto digest = sha256(as_bytes(text));
  Reader reader{digest};
  return reader.u64("mark");
}

/// Needs no escape in a URI, as user part or as parameter.
bool is_plain_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-_.!~*'():+$&"}.find(c) != std::string_view::npos;
  });
}

/// "<urn:uuid:...>" without its brackets; empty if it is none.
std::string_view urn_of(std::string_view instance) {
  if (instance.size() < 3 || instance.front() != '<' || instance.back() != '>') return {};
  const auto urn = instance.substr(1, instance.size() - 2);
  return urn.starts_with("urn:") && is_plain_text(urn) ? urn : std::string_view{};
}

}  // namespace

bool Gruu::means(const Binding& binding) const {
  if (!instance.empty()) return binding.instance == instance;
  return !binding.instance.empty() && mark_of(binding.instance) == instance_mark &&
         static_cast<std::uint32_t>(mark_of(binding.call_id)) == call_mark;
}

Gruus::Gruus(const Bytes& secret, Random& random)
    : sealer_(HmacSha256{secret.empty() ? random.bytes(32) : secret}, "temporary GRUU") {}

std::string Gruus::make_public(std::string_view aor, std::string_view instance) {
  const auto urn = urn_of(instance);
  const auto at = aor.rfind('@');
  if (urn.empty() || at == std::string_view::npos || !is_plain_text(aor.substr(0, at))) return {};
  return std::string{"sip:"}.append(aor).append(";gr=").append(urn);
}

std::string Gruus::make_temporary(std::string_view aor, std::string_view instance,
                                  std::string_view call_id, WallTime now) const {
  const auto at = aor.rfind('@');
  if (urn_of(instance).empty() || at == std::string_view::npos) return {};
  const auto domain = aor.substr(at + 1);
  Writer plain;
  plain.u32(static_cast<std::uint32_t>(to_milliseconds(now) / 1000));
  plain.u64(mark_of(instance));
  plain.u32(static_cast<std::uint32_t>(mark_of(call_id)));
  plain.bytes(as_bytes(aor.substr(0, at)));
  return std::string{"sip:"}
      .append(temporary_prefix)
      .append(to_base64url(sealer_.seal(domain, plain.view())))
      .append("@")
      .append(domain)
      .append(";gr");
}

std::optional<Gruu> Gruus::read(const Uri& uri, std::string_view domain) const {
  const auto* gr = uri.param("gr");
  if (gr == nullptr || uri.user.empty()) return std::nullopt;
  Gruu out;
  if (gr->value && !gr->value->empty()) {
    out.aor = uri.user + "@" + std::string{domain};
    out.instance = "<" + *gr->value + ">";
    return out;
  }
  if (!uri.user.starts_with(temporary_prefix) || uri.user.size() > max_gruu_size) {
    return std::nullopt;
  }
  const auto octets = from_base64url(std::string_view{uri.user}.substr(temporary_prefix.size()));
  const auto plain = octets ? sealer_.open(domain, *octets) : std::nullopt;
  if (!plain) return std::nullopt;
  Reader reader{*plain};
  (void)reader.u32("time");
  out.instance_mark = reader.u64("instance");
  out.call_mark = reader.u32("call");
  out.aor = std::string{as_text(reader.rest())} + "@" + std::string{domain};
  if (reader.failed()) return std::nullopt;
  return out;
}

}  // namespace carillon::sip
