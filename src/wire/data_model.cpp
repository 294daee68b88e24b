#include "wire/data_model.hpp"

namespace carillon::wire {

std::string_view to_string(DataModel model) {
  switch (model) {
    case DataModel::single_value:
      return "SINGLE";
    case DataModel::array:
      return "ARRAY";
    case DataModel::dictionary:
      return "DICTIONARY";
  }
  return {};
}

std::optional<DataModel> data_model_from_string(std::string_view name) {
  for (const auto model : {DataModel::single_value, DataModel::array, DataModel::dictionary}) {
    if (name == to_string(model)) return model;
  }
  return std::nullopt;
}

std::optional<DataModel> well_known_data_model(KindId kind) {
  switch (kind) {
    case KindId::turn_service:
    case KindId::carillon_credential:
      return DataModel::single_value;
    case KindId::certificate_by_node:
    case KindId::certificate_by_user:
      return DataModel::array;
    case KindId::sip_registration:
    case KindId::carillon_contacts:
    case KindId::carillon_enrollment:
      return DataModel::dictionary;
    case KindId::invalid:
      break;
  }
  return std::nullopt;
}

}  // namespace carillon::wire
