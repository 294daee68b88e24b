#include "app/decode/storage_json.hpp"

#include "app/decode/message_json.hpp"
#include "app/decode/value_json.hpp"

namespace carillon::app {
namespace {

Json data_value(KindId kind, const wire::DataValue& data) {
  Json json = {{"exists", data.exists}, {"value", hex(data.value)}};
  // The value is opaque to RFC 6940. What a usage puts there stands beside it.
  if (data.exists) add_decoded_value(json, kind, data.value);
  return json;
}

Json stored_data_value(KindId kind, const wire::StoredDataValue& value) {
  if (const auto* array = std::get_if<wire::ArrayEntry>(&value.entry)) {
    return {{"array_entry", {{"index", array->index}, {"value", data_value(kind, array->value)}}}};
  }
  if (const auto* dictionary = std::get_if<wire::DictionaryEntry>(&value.entry)) {
    return {{"dictionary_entry",
             {{"key", hex(dictionary->key)}, {"value", data_value(kind, dictionary->value)}}}};
  }
  return {{"single_value_entry", data_value(kind, value.data_value())}};
}

Json stored_data(KindId kind, const wire::StoredData& data) {
  constexpr std::size_t before_length = 4;
  Json json = {{"length", wire::encode(data).size() - before_length},
               {"storage_time", data.storage_time},
               {"lifetime", data.lifetime}};
  if (data.unknown) {
    json["value_and_signature"] = hex(*data.unknown);
  } else {
    json["value"] = stored_data_value(kind, data.value);
    json["signature"] = to_json(data.signature);
  }
  return json;
}

Json values(KindId kind, const std::vector<wire::StoredData>& data) {
  return json_list(data,
                   [kind](const wire::StoredData& value) { return stored_data(kind, value); });
}

Json array_range(const wire::ArrayRange& range) {
  return {{"first", range.first}, {"last", range.last}};
}

Json specifier(const wire::StoredDataSpecifier& wanted) {
  constexpr std::size_t before_length = 14;
  Json json = {{"kind", kind_name(wanted.kind)},
               {"generation", wanted.generation},
               {"length", wire::encode(wanted).size() - before_length}};
  if (const auto* array = std::get_if<wire::ArraySpecifier>(&wanted.model_specifier)) {
    json["indices"] = json_list(array->indices, array_range);
  } else if (const auto* keys = std::get_if<wire::DictionarySpecifier>(&wanted.model_specifier)) {
    json["keys"] = json_list(keys->keys, [](const Bytes& key) { return hex(key); });
  } else if (const auto* other = std::get_if<wire::UnknownSpecifier>(&wanted.model_specifier)) {
    json["model_specifier"] = hex(other->octets);
  }
  return json;
}

template <typename Request>
Json fetch_or_stat(const Request& request) {
  return {{"resource", request.resource.to_hex()},
          {"specifiers", json_list(request.specifiers, specifier)}};
}

Json meta_data(const wire::MetaData& meta) {
  return {{"exists", meta.exists},
          {"value_length", meta.value_length},
          {"hash_algorithm", name_or_number(to_string(meta.hash_algorithm),
                                            static_cast<std::uint64_t>(meta.hash_algorithm))},
          {"hash_value", hex(meta.hash_value)}};
}

Json meta_data_value(const wire::StoredMetaData& data) {
  if (const auto* single = std::get_if<wire::MetaData>(&data.metadata)) {
    return {{"single_value_entry", meta_data(*single)}};
  }
  if (const auto* array = std::get_if<wire::ArrayEntryMeta>(&data.metadata)) {
    return {{"array_entry", {{"index", array->index}, {"value", meta_data(array->value)}}}};
  }
  if (const auto* dictionary = std::get_if<wire::DictionaryEntryMeta>(&data.metadata)) {
    return {{"dictionary_entry",
             {{"key", hex(dictionary->key)}, {"value", meta_data(dictionary->value)}}}};
  }
  return hex(std::get<wire::UnknownMeta>(data.metadata).octets);
}

Json stored_meta_data(const wire::StoredMetaData& data) {
  constexpr std::size_t before_length = 4;
  return {{"value_length", wire::encode(data).size() - before_length},
          {"storage_time", data.storage_time},
          {"lifetime", data.lifetime},
          {"metadata", meta_data_value(data)}};
}

}  // namespace

Json to_json(const wire::StoreReq& request) {
  return {{"resource", request.resource.to_hex()},
          {"replica_number", request.replica_number},
          {"kind_data", json_list(request.kind_data, [](const wire::StoreKindData& data) {
             return Json{{"kind", kind_name(data.kind)},
                         {"generation_counter", data.generation_counter},
                         {"values", values(data.kind, data.values)}};
           })}};
}

Json to_json(const wire::StoreAns& answer) {
  return {{"kind_responses", json_list(answer.kind_responses, [](const wire::StoreKindResponse& r) {
             return Json{
                 {"kind", kind_name(r.kind)},
                 {"generation_counter", r.generation_counter},
                 {"replicas", json_list(r.replicas, [](const NodeId& id) { return id.to_hex(); })}};
           })}};
}

Json to_json(const wire::FetchReq& request) {
  return fetch_or_stat(request);
}

Json to_json(const wire::FetchAns& answer) {
  return {{"kind_responses", json_list(answer.kind_responses, [](const wire::FetchKindResponse& r) {
             return Json{{"kind", kind_name(r.kind)},
                         {"generation", r.generation},
                         {"values", values(r.kind, r.values)}};
           })}};
}

Json to_json(const wire::StatReq& request) {
  return fetch_or_stat(request);
}

Json to_json(const wire::StatAns& answer) {
  return {{"kind_responses", json_list(answer.kind_responses, [](const wire::StatKindResponse& r) {
             return Json{{"kind", kind_name(r.kind)},
                         {"generation", r.generation},
                         {"values", json_list(r.values, stored_meta_data)}};
           })}};
}

Json to_json(const wire::FindReq& request) {
  return {{"resource", request.resource.to_hex()}, {"kinds", json_list(request.kinds, kind_name)}};
}

Json to_json(const wire::FindAns& answer) {
  return {{"results", json_list(answer.results, [](const wire::FindKindData& data) {
             return Json{{"kind", kind_name(data.kind)}, {"closest", data.closest.to_hex()}};
           })}};
}

}  // namespace carillon::app
