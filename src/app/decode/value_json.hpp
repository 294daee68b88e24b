#pragma once

#include "app/decode/json.hpp"

namespace carillon::app {

/// Adds to `json` the structure that the octets of a value are, for the Kinds whose values are
/// structures of an RFC (SipRegistration, TurnServer); nothing if they are not.
void add_decoded_value(Json& json, KindId kind, ByteView value);

}  // namespace carillon::app
