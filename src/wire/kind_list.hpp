#pragma once

#include <algorithm>
#include <vector>

#include "wire/codec.hpp"

namespace carillon::wire {

/// Fails if a Kind appears twice among `elements`; `kind_of` tells an element's Kind.
template <typename Element, typename KindOf>
void reject_repeated_kinds(Reader& reader, const std::vector<Element>& elements, KindOf kind_of,
                           const char* field) {
  std::vector<KindId> kinds;
  kinds.reserve(elements.size());
  for (const Element& element : elements)
    kinds.push_back(kind_of(element));
  std::ranges::sort(kinds);
  if (const auto twice = std::ranges::adjacent_find(kinds); twice != kinds.end()) {
    reader.reject(field, "has Kind " + hex_number(static_cast<std::uint32_t>(*twice)) + " twice");
  }
}

}  // namespace carillon::wire
