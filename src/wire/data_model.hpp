#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <carillon/ids.hpp>

namespace carillon::wire {

/// How the values of a Kind are addressed (RFC 6940, 7.2). Not on the wire: known from the Kind.
enum class DataModel : std::uint8_t { single_value, array, dictionary };

/// The names of the registry of 14.7: "SINGLE", "ARRAY", "DICTIONARY".
[[nodiscard]] std::string_view to_string(DataModel model);
[[nodiscard]] std::optional<DataModel> data_model_from_string(std::string_view name);

/// Tells the decoder a Kind's data model, or nothing if the Kind is unknown; then what depends on
/// the model is kept as octets, and survives a round trip.
using DataModelOf = std::function<std::optional<DataModel>(KindId)>;

/// Knows the Kinds of RFC 6940, RFC 7904 and Carillon, for those who have no overlay configuration.
[[nodiscard]] std::optional<DataModel> well_known_data_model(KindId kind);

}  // namespace carillon::wire
