#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::wire {

/// Random; the same in a request and its answer, and in all fragments of either (RFC 6940, 6.3.2).
enum class TransactionId : std::uint64_t {};

/// The lower 32 bits of the SHA-1 hash of the overlay's name (6.3.2, `overlay`).
enum class OverlayHash : std::uint32_t {};

[[nodiscard]] OverlayHash overlay_hash(std::string_view overlay_name);

/// What runs over a connection made by AppAttach (14.5).
enum class ApplicationId : std::uint16_t { invalid = 0, sip = 5060, sips = 5061 };

}  // namespace carillon::wire
