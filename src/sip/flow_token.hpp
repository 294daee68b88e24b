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

/// What a token says: the flow to the phone, or (in a dialog) that none is needed; and where a
/// request in the dialog goes next that must not be told (values of Route).
struct FlowToken {
  std::optional<Hop> hop{};
  std::vector<std::string> routes{};
};

/// Makes and checks flow tokens: the user part of a URI that names us in Path or Record-Route
/// (RFC 5626, 5.2). All they say is in them, sealed, so they need no table; nobody else can make
/// one, and thus nobody can use us as a relay to addresses of his choice, nor read one.
class FlowTokens {
 public:
  /// `secret`: tokens made before a restart stay good if it stays the same; empty: drawn.
  FlowTokens(const Bytes& secret, Random& random);

  /// `scope` must be the same when it is read: the Call-ID of a dialog.
  [[nodiscard]] std::string make(TokenPurpose purpose, const FlowToken& content,
                                 std::string_view scope, WallTime now) const;
  /// Nothing if it was not made by us for this purpose and scope, or is older than `lifetime`.
  [[nodiscard]] std::optional<FlowToken> read(std::string_view token, TokenPurpose purpose,
                                              std::string_view scope, WallTime now) const;

  /// Longer than any binding is stored, and than calls last.
  static constexpr seconds lifetime{24 * 3600};

 private:
  Sealer sealer_;
  /// Numbers of connections mean nothing after a restart.
  std::uint64_t boot_;
};

}  // namespace carillon::sip
