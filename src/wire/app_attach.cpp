#include "wire/app_attach.hpp"

namespace carillon::wire {
namespace {

template <typename AppAttach>
AppAttach read_app_attach(Reader& reader) {
  AppAttach value;
  value.ufrag = read_opaque(reader, 1, "AppAttach.ufrag");
  value.password = read_opaque(reader, 1, "AppAttach.password");
  value.application = static_cast<ApplicationId>(reader.u16("AppAttach.application"));
  value.role = read_opaque(reader, 1, "AppAttach.role");
  value.candidates = read_list<IceCandidate>(reader, 2, "AppAttach.candidates");
  return value;
}

template <typename AppAttach>
void write_app_attach(Writer& writer, const AppAttach& value) {
  writer.opaque8(value.ufrag);
  writer.opaque8(value.password);
  writer.u16(static_cast<std::uint16_t>(value.application));
  writer.opaque8(value.role);
  write_list(writer, 2, value.candidates);
}

}  // namespace

//   struct {
//     opaque                  ufrag<0..2^8-1>;
//     opaque                  password<0..2^8-1>;
//     uint16                  application;
//     opaque                  role<0..2^8-1>;
//     IceCandidate            candidates<0..2^16-1>;
//   } AppAttachReq;                                    /* and AppAttachAns */
AppAttachReq AppAttachReq::decode(Reader& reader) {
  return read_app_attach<AppAttachReq>(reader);
}

void AppAttachReq::encode(Writer& writer) const {
  write_app_attach(writer, *this);
}

AppAttachAns AppAttachAns::decode(Reader& reader) {
  return read_app_attach<AppAttachAns>(reader);
}

void AppAttachAns::encode(Writer& writer) const {
  write_app_attach(writer, *this);
}

}  // namespace carillon::wire
