#pragma once

#include <vector>

#include <rapidcheck.h>

#include "wire/generators.hpp"
#include "wire/signature.hpp"

// What the generators of structures are made of.
namespace carillon::wire::testing {

template <typename Number>
Number number() {
  return *rc::gen::arbitrary<Number>();
}

inline std::uint8_t between(std::uint8_t first, std::uint8_t end) {
  return *rc::gen::inRange<std::uint8_t>(first, end);
}

template <typename Enum>
Enum enumeration(std::uint64_t count) {
  return static_cast<Enum>(*rc::gen::inRange<std::uint64_t>(0, count));
}

template <typename Make>
auto several(Make make, std::size_t limit = 4) {
  std::vector<decltype(make())> list(below(limit));
  for (auto& element : list)
    element = make();
  return list;
}

NodeId any_node();
ResourceId any_resource();
std::vector<NodeId> nodes();
KindId kind();
/// Different ones, as StoreReq and FindReq want them.
std::vector<KindId> kinds();
Signature signature();

}  // namespace carillon::wire::testing
