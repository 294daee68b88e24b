#include "wire/config_update.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {

ConfigUpdateType ConfigUpdateReq::type() const {
  if (const auto* unknown = std::get_if<ConfigUpdateUnknown>(&update)) return unknown->type;
  return std::holds_alternative<ConfigUpdateConfig>(update) ? ConfigUpdateType::config
                                                            : ConfigUpdateType::kind;
}

//   typedef opaque           KindDescription<0..2^16-1>;
//
//   struct {
//     ConfigUpdateType       type;
//     uint32                 length;
//
//     select (type) {
//       case config:
//                   opaque             config_data<0..2^24-1>;
//       case kind:
//                   KindDescription    kinds<0..2^24-1>;
//       /* This structure may be extended with new types */
//     };
//   } ConfigUpdateReq;
ConfigUpdateReq ConfigUpdateReq::decode(Reader& reader) {
  const auto type = static_cast<ConfigUpdateType>(reader.u8("ConfigUpdateReq.type"));
  const std::size_t length = reader.u32("ConfigUpdateReq.length");
  return within(reader, length, "ConfigUpdateReq", [&](Reader& inner) -> ConfigUpdateReq {
    switch (type) {
      case ConfigUpdateType::config:
        return {ConfigUpdateConfig{read_opaque(inner, 3, "ConfigUpdateReq.config_data")}};
      case ConfigUpdateType::kind:
        return {ConfigUpdateKind{read_list_of(inner, 3, "ConfigUpdateReq.kinds", [](Reader& list) {
          return read_opaque(list, 2, "KindDescription");
        })}};
      default:
        return {ConfigUpdateUnknown{type, to_bytes(inner.rest())}};
    }
  });
}

void ConfigUpdateReq::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type()));
  writer.sized(4, [&](Writer& inner) {
    if (const auto* config = std::get_if<ConfigUpdateConfig>(&update)) {
      inner.opaque24(config->config_data);
    } else if (const auto* kind = std::get_if<ConfigUpdateKind>(&update)) {
      inner.sized(3, [&](Writer& list) {
        for (const Bytes& description : kind->kinds)
          list.opaque16(description);
      });
    } else {
      inner.bytes(std::get<ConfigUpdateUnknown>(update).octets);
    }
  });
}

// "The response for ConfigUpdate is empty."
ConfigUpdateAns ConfigUpdateAns::decode(Reader& /*reader*/) {
  return {};
}

void ConfigUpdateAns::encode(Writer& /*writer*/) const {}

}  // namespace carillon::wire
