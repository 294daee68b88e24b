#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/hop.hpp"
#include "sip/sealer.hpp"

namespace carillon::sip {

/// What a token may be used for.
enum class TokenPurpose : std::uint8_t {
  contact = 1,  ///< In a published binding: other peers send requests for the phone by it.
  dialog = 2,   ///< In a Record-Route: requests of that dialog pass by it.
};

/// What a token says: the flow to the phone, or (in a dialog) that none is needed; whose phone it
/// is; and where a request in the dialog goes next that must not be told (values of Route).
struct FlowToken {
  std::optional<Hop> hop{};
  std::string aor{};  ///< Said only along with a flow; empty if it is not known.
  std::vector<std::string> routes{};
  /// A flow is needed that another peer has, or had: `hop` means nothing here.
  bool elsewhere{false};
};

/// Makes and checks flow tokens: the user part of a URI that names us in Path or Record-Route
/// (RFC 5626, 5.2). All they say is in them, sealed, so they need no table; nobody else can make
/// one, and thus nobody can use us as a relay to addresses of his choice, nor read one. Those of
/// dialogs can be read by all registrars of the overlay, so that a dialog outlives its peers
/// (docs/decisions/0025).
class FlowTokens {
 public:
  struct Secrets {
    Bytes own{};      ///< Tokens made before a restart stay good if it stays the same,
    Bytes overlay{};  ///< and this one all registrars have. Empty: drawn.
  };
  /// `peer_id`: who makes them, and whose flows they mean.
  FlowTokens(const Secrets& secrets, std::string peer_id, Random& random);

  /// `scope` must be the same when it is read: the Call-ID of a dialog.
  [[nodiscard]] std::string make(TokenPurpose purpose, const FlowToken& content,
                                 std::string_view scope, WallTime now) const;
  /// Nothing if it was not made for this purpose and scope, or is older than `lifetime`; of
  /// contacts, also if it was not made by us.
  [[nodiscard]] std::optional<FlowToken> read(std::string_view token, TokenPurpose purpose,
                                              std::string_view scope, WallTime now) const;

  /// Longer than any binding is stored, and than calls last.
  static constexpr seconds lifetime{24 * 3600};

 private:
  [[nodiscard]] const Sealer& sealer(TokenPurpose purpose) const {
    return purpose == TokenPurpose::dialog ? dialogs_ : contacts_;
  }

  Sealer contacts_;
  Sealer dialogs_;
  std::string peer_id_;
  /// Numbers of connections mean nothing after a restart.
  std::uint64_t boot_;
};

}  // namespace carillon::sip
