#pragma once

#include "base/time.hpp"

namespace carillon::sip {

// RFC 3261, 17.1.1.1 and table 4; RFC 6026, 7.
inline constexpr milliseconds timer_t1{500};
inline constexpr milliseconds timer_t2{4000};
inline constexpr milliseconds timer_t4{5000};
inline constexpr milliseconds transaction_timeout = 64 * timer_t1;  ///< Timers B, F, H, J, L, M.
inline constexpr milliseconds timer_d{32'000};  ///< Waits for retransmitted final responses.
inline constexpr seconds timer_c{185};          ///< A proxied INVITE rings; more than 3 minutes.

}  // namespace carillon::sip
