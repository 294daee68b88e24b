#pragma once

#include <cstdint>
#include <variant>

#include "wire/destination.hpp"

namespace carillon::wire {

enum class SipRegistrationType : std::uint8_t {
  sip_registration_uri = 1,
  sip_registration_route = 2,
};

/// "Look up that AOR instead."
struct SipRegistrationUri {
  Bytes uri{};
  friend bool operator==(const SipRegistrationUri&, const SipRegistrationUri&) = default;
};

/// "I am at that node." `destination_list` is at least three octets long, so never empty.
struct SipRegistrationRoute {
  Bytes contact_prefs{};
  DestinationList destination_list{};
  friend bool operator==(const SipRegistrationRoute&, const SipRegistrationRoute&) = default;
};

/// A registration of a type that we don't know; kept as it came.
struct SipRegistrationUnknown {
  SipRegistrationType type{};
  Bytes octets{};
  friend bool operator==(const SipRegistrationUnknown&, const SipRegistrationUnknown&) = default;
};

/// The value of Kind SIP-REGISTRATION (RFC 7904, 3.2).
struct SipRegistration {
  std::variant<SipRegistrationUri, SipRegistrationRoute, SipRegistrationUnknown> data{};

  [[nodiscard]] SipRegistrationType type() const;
  [[nodiscard]] static SipRegistration decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const SipRegistration&, const SipRegistration&) = default;
};

}  // namespace carillon::wire
