#pragma once

#include "app/decode/json.hpp"
#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/stat.hpp"
#include "wire/store.hpp"

// The messages of RFC 6940, 7.
namespace carillon::app {

[[nodiscard]] Json to_json(const wire::StoreReq& request);
[[nodiscard]] Json to_json(const wire::StoreAns& answer);
[[nodiscard]] Json to_json(const wire::FetchReq& request);
[[nodiscard]] Json to_json(const wire::FetchAns& answer);
[[nodiscard]] Json to_json(const wire::StatReq& request);
[[nodiscard]] Json to_json(const wire::StatAns& answer);
[[nodiscard]] Json to_json(const wire::FindReq& request);
[[nodiscard]] Json to_json(const wire::FindAns& answer);

}  // namespace carillon::app
