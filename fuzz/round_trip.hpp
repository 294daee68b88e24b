#pragma once

#include <algorithm>

#include "check.hpp"
#include "wire/message_body.hpp"

/// Knows a data model for three Kinds of four, so that each structure is reached with any.
inline std::optional<carillon::wire::DataModel> any_data_model(carillon::KindId kind) {
  using carillon::wire::DataModel;
  switch (static_cast<std::uint32_t>(kind) % 4) {
    case 1:
      return DataModel::dictionary;
    case 2:
      return DataModel::single_value;
    case 3:
      return DataModel::array;
    default:
      return std::nullopt;
  }
}

/// What decodes as a T must encode to the octets that came, and those decode to the same value; an
/// error must point into the input.
template <typename T>
void check_round_trip(carillon::ByteView octets) {
  using namespace carillon;
  static const wire::DataModelOf models = any_data_model;
  const auto value = wire::decode_body<T>(octets, models);
  if (!value) {
    check(value.error().offset <= octets.size());
    return;
  }
  const Bytes again = wire::encode(*value);
  check(std::ranges::equal(again, octets));
  const auto value_again = wire::decode_body<T>(again, models);
  check(value_again.has_value() && *value_again == *value);
}
