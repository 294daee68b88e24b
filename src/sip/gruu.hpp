#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/location_service.hpp"
#include "sip/sealer.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {

/// Which phone of a user a GRUU means (RFC 5627).
struct Gruu {
  std::string aor{};
  std::string instance{};  ///< Of a public one.
  /// Of a temporary one: digests of the instance and of the Call-ID of its registration.
  std::uint64_t instance_mark{};
  std::uint32_t call_mark{};

  [[nodiscard]] bool means(const Binding& binding) const;
};

/// Makes and reads GRUUs. All that a temporary one means is in it, encrypted and authenticated
/// under a secret that the registrars of an overlay share: any of them resolves it, and none
/// remembers it. It is good while the phone is registered with the Call-ID that it had then (RFC
/// 5627, 3.2).
class Gruus {
 public:
  /// `secret` empty: drawn; then only we can resolve our temporary GRUUs.
  Gruus(const Bytes& secret, Random& random);

  /// Empty if the phone cannot have one: its instance is no URN, or its user part would need
  /// escapes.
  [[nodiscard]] static std::string make_public(std::string_view aor, std::string_view instance);
  [[nodiscard]] std::string make_temporary(std::string_view aor, std::string_view instance,
                                           std::string_view call_id, WallTime now) const;

  [[nodiscard]] static bool is_gruu(const Uri& uri) { return uri.param("gr") != nullptr; }
  /// `domain`: the one of ours that the URI is in. Nothing if it is none that we have made.
  [[nodiscard]] std::optional<Gruu> read(const Uri& uri, std::string_view domain) const;

 private:
  Sealer sealer_;
};

}  // namespace carillon::sip
