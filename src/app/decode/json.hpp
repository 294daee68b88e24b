#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <carillon/ids.hpp>

// How the presentation language of RFC 6940 looks in JSON:
//   a structure            an object, fields named and ordered as in the RFC
//   a select               the fields of the case that is there
//   a list                 an array
//   an enum                the RFC's name, or the number if it has none
//   an integer             a number; an identifier (token, overlay, transaction) in hex
//   opaque                 hex; if it is text by definition, text (or {"hex": ...} if it is not)
namespace carillon::app {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json hex(ByteView octets);
/// For opaques that are text by definition.
[[nodiscard]] Json text(ByteView octets);
/// An integer that is a name rather than a quantity: "0x" and `digits` digits.
[[nodiscard]] Json identifier(std::uint64_t value, int digits);
/// An enum's `name`, or its number if the name is empty.
[[nodiscard]] Json name_or_number(std::string_view name, std::uint64_t number);
/// A Kind's registered name, or its number.
[[nodiscard]] Json kind_name(KindId kind);

template <typename T, typename Render>
[[nodiscard]] Json json_list(const std::vector<T>& elements, Render render) {
  Json array = Json::array();
  for (const T& element : elements)
    array.push_back(render(element));
  return array;
}

}  // namespace carillon::app
