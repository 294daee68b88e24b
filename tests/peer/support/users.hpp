#pragma once

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "peer/support/network.hpp"

namespace carillon::peer {

// Users by number, each with a credential that holds its name: something to store and to find.

inline constexpr auto credential = KindId::carillon_credential;

inline std::string user_name(int number) {
  return "user" + std::to_string(number) + "@example.org";
}

/// Whether the resource is on its disk.
inline bool holds(Host& host, const ResourceId& place) {
  bool found = false;
  (void)host.disk.scan({}, [&](ByteView key, ByteView) {
    found = key.size() > 17 && key[0] == 'r' &&
            std::equal(place.bytes().begin(), place.bytes().end(), key.begin() + 1);
    return found ? storage::Scan::stop : storage::Scan::next;
  });
  return found;
}

/// How many resources are on its disk.
inline std::size_t resources_on(Host& host) {
  std::set<Bytes> places;
  (void)host.disk.scan({}, [&](ByteView key, ByteView) {
    constexpr std::size_t place_end = 1 + NodeId::size;
    if (key.size() > place_end && key[0] == 'r') places.insert(to_bytes(key.first(place_end)));
    return storage::Scan::next;
  });
  return places.size();
}

/// How many running peers hold the resource.
inline int copies(Network& network, const ResourceId& place) {
  const auto joined = network.joined();
  return static_cast<int>(
      std::ranges::count_if(joined, [&](Host* host) { return holds(*host, place); }));
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
