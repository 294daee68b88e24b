#pragma once

#include <functional>
#include <optional>

#include "wire/data_model.hpp"

// Random values, drawn inside a RapidCheck property. Not rc::Gen<T> for each structure: those take
// minutes to compile.
namespace carillon::wire::testing {

/// Runs `property` with many random values; false if it fails.
bool holds(const std::function<void()>& property);

/// Which Kinds the properties know: the last two bits of the number are the data model, 3 is none.
std::optional<DataModel> model_of(KindId kind);

std::size_t below(std::size_t limit);
std::uint8_t octet();
Bytes bytes(std::size_t max_size = 40);

/// A valid structure of wire/: it can be written, and must come back the same.
template <typename T>
T make();

}  // namespace carillon::wire::testing
