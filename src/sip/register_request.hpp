#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

#include "base/time.hpp"
#include "sip/hop.hpp"
#include "sip/sip_options.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {

/// One Contact of a REGISTER.
struct RegisterContact {
  std::string uri_text{};
  Uri uri{};
  std::uint16_t q_thousandths{1000};
  seconds expires{};  ///< 0: to be removed. Already cut to the maximum.
  std::string instance{};
  std::uint32_t reg_id{};
};

/// What a REGISTER asks for (RFC 3261, 10.3).
struct RegisterRequest {
  std::vector<RegisterContact> contacts{};  ///< None: only tell what is there.
  bool remove_all{false};                   ///< "Contact: *"
  std::string call_id{};
  std::uint32_t cseq{};
  std::vector<std::string> path{};  ///< RFC 3327
  Hop source{};
  bool outbound{false};        ///< The phone has it (RFC 5626),
  bool lacks_outbound{false};  ///< but not the first hop after it, and it would need it.
  bool translated{false};      ///< It came through a NAT (`is_translated`).
  /// Where anybody can reach the first hop to the phone: that hop sent the REGISTER itself, over
  /// UDP and through no NAT. Nothing: the phone hangs on its flow.
  [[nodiscard]] std::optional<HostPort> direct_address(const RegisterContact& contact) const;
  /// Where we reach the phone: that address, else the source; "udp:192.0.2.1:5060".
  [[nodiscard]] std::string received(const RegisterContact& contact) const;

  [[nodiscard]] bool fetches() const { return contacts.empty() && !remove_all; }
};

/// Reads a REGISTER; the error's detail is what a 400 should say.
[[nodiscard]] Result<RegisterRequest> read_register(const IncomingRequest& request,
                                                    const SipOptions& options);

/// "0.5" in thousandths (20.10); 1000 for what is not a q value.
[[nodiscard]] std::uint16_t q_from(std::string_view text);
[[nodiscard]] std::string q_text(std::uint16_t thousandths);

}  // namespace carillon::sip
