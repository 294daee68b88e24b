#pragma once

#include <gtest/gtest.h>

#include "peer/support/network.hpp"

namespace carillon::peer {

// Users by number, each with a credential that holds its name: something to store and to find.

inline constexpr auto credential = KindId::carillon_credential;

inline std::string user_name(int number) {
  return "user" + std::to_string(number) + "@example.org";
}

/// Stored through all the peers by turns.
inline void store_users(Network& network, int count) {
  for (int i = 0; i < count; ++i) {
    auto& host = *network.joined()[static_cast<std::size_t>(i) % network.joined().size()];
    const auto stored = network.store(host, user_value(user_name(i), user_name(i)));
    ASSERT_TRUE(stored) << stored.error().message();
  }
}

/// From wherever one looks.
inline void expect_all_found(Network& network, int count) {
  for (int i = 0; i < count; ++i) {
    for (Host* host : network.joined()) {
      ASSERT_EQ(text_of(network.lookup(*host, user_name(i), {credential})), user_name(i) + ";")
          << "at host " << host->index;
    }
  }
}

}  // namespace carillon::peer
