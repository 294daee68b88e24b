#include "usage/sip/contact_list.hpp"

#include <algorithm>

#include "base/reader.hpp"
#include "base/writer.hpp"

namespace carillon::usage {

namespace {

bool fits(const sip::Binding& binding) {
  const auto short_enough = [](const std::string& text) { return text.size() <= max_text_octets; };
  return short_enough(binding.contact) && short_enough(binding.call_id) &&
         short_enough(binding.instance) && short_enough(binding.flow_token) &&
         binding.received.size() <= UINT8_MAX && binding.path.size() <= max_path_values &&
         std::ranges::all_of(binding.path, short_enough);
}

bool fits(const sip::Removal& removal) {
  return removal.contact.size() <= max_text_octets && removal.instance.size() <= max_text_octets;
}

bool fits(const sip::OwnEntry& entry) {
  return entry.peer_address.host.size() <= UINT8_MAX &&
         entry.bindings.size() <= max_listed_bindings &&
         entry.removals.size() <= max_listed_removals &&
         std::ranges::all_of(entry.bindings, [](const auto& one) { return fits(one); }) &&
         std::ranges::all_of(entry.removals, [](const auto& one) { return fits(one); });
}

void write_binding(Writer& writer, const sip::Binding& binding) {
  writer.u64(to_milliseconds(binding.updated));
  writer.u64(to_milliseconds(binding.expires));
  writer.u32(binding.granted_s);
  writer.u16(binding.q_thousandths);
  writer.u32(binding.cseq);
  writer.u32(binding.reg_id);
  writer.opaque16(as_bytes(binding.contact));
  writer.opaque16(as_bytes(binding.call_id));
  writer.opaque16(as_bytes(binding.instance));
  writer.opaque8(as_bytes(binding.received));
  writer.opaque16(as_bytes(binding.flow_token));
  writer.u8(static_cast<std::uint8_t>(binding.path.size()));
  for (const auto& path : binding.path)
    writer.opaque16(as_bytes(path));
}

void write_removal(Writer& writer, const sip::Removal& removal) {
  writer.u64(to_milliseconds(removal.at));
  writer.u64(to_milliseconds(removal.expires));
  writer.u32(removal.reg_id);
  writer.opaque16(as_bytes(removal.contact));
  writer.opaque16(as_bytes(removal.instance));
}

/// A time that the clock's type can hold, even after something is added to it.
WallTime read_time(Reader& reader, const char* field) {
  constexpr std::uint64_t far_future = std::uint64_t{1} << 48U;  // About the year 10889.
  const std::uint64_t value = reader.u64(field);
  if (value > far_future) reader.reject(field, "lies beyond any time");
  return wall_time(std::min(value, far_future));
}

std::string read_text(Reader& reader, const char* field) {
  const ByteView octets = reader.opaque16(field);
  if (octets.size() > max_text_octets) reader.reject(field, "is too long");
  return std::string{as_text(octets)};
}

std::size_t read_count(Reader& reader, std::size_t limit, const char* field) {
  const std::size_t count = reader.u16(field);
  if (count > limit) reader.reject(field, "is too many");
  return reader.failed() ? 0 : count;
}

sip::Binding read_binding(Reader& reader) {
  sip::Binding binding;
  binding.updated = read_time(reader, "updated");
  binding.expires = read_time(reader, "expires");
  binding.granted_s = reader.u32("granted");
  binding.q_thousandths = reader.u16("q");
  if (binding.q_thousandths > 1000) reader.reject("q", "is more than 1000");
  binding.cseq = reader.u32("cseq");
  binding.reg_id = reader.u32("reg-id");
  binding.contact = read_text(reader, "contact");
  binding.call_id = read_text(reader, "call-id");
  binding.instance = read_text(reader, "instance");
  binding.received = std::string{as_text(reader.opaque8("received"))};
  binding.flow_token = read_text(reader, "flow-token");
  const std::size_t paths = reader.u8("path-count");
  if (paths > max_path_values) reader.reject("path-count", "is too many");
  for (std::size_t i = 0; i < paths && !reader.failed(); ++i)
    binding.path.push_back(read_text(reader, "path"));
  return binding;
}

sip::Removal read_removal(Reader& reader) {
  sip::Removal removal;
  removal.at = read_time(reader, "at");
  removal.expires = read_time(reader, "expires");
  removal.reg_id = reader.u32("reg-id");
  removal.contact = read_text(reader, "contact");
  removal.instance = read_text(reader, "instance");
  return removal;
}

}  // namespace

Result<Bytes> encode_contact_list(const sip::OwnEntry& entry) {
  if (!fits(entry)) return fail(ErrorCode::too_large, "contact list");
  Writer writer;
  writer.u8(contact_list_version);
  writer.u16(entry.peer_address.port);
  writer.opaque8(as_bytes(entry.peer_address.host));
  writer.u16(static_cast<std::uint16_t>(entry.bindings.size()));
  // A binding fits its two octets of size only if its texts are not all as long as they may be.
  bool too_long = false;
  for (const auto& binding : entry.bindings) {
    Writer inner;
    write_binding(inner, binding);
    too_long = too_long || inner.size() > UINT16_MAX;
    writer.opaque16(inner.view());
  }
  writer.u16(static_cast<std::uint16_t>(entry.removals.size()));
  for (const auto& removal : entry.removals)
    writer.sized(2, [&](Writer& inner) { write_removal(inner, removal); });
  if (too_long) return fail(ErrorCode::too_large, "contact list");
  return std::move(writer).take();
}

Result<sip::OwnEntry> decode_contact_list(ByteView octets) {
  Reader reader{octets};
  sip::OwnEntry entry;
  const std::uint8_t version = reader.u8("version");
  if (version != contact_list_version) reader.reject_at("version", 0, "is not one we know");
  entry.peer_address.port = reader.u16("address.port");
  entry.peer_address.host = std::string{as_text(reader.opaque8("address.host"))};
  for (auto left = read_count(reader, max_listed_bindings, "bindings"); left > 0; --left) {
    Reader inner = reader.sub(reader.u16("binding.size"), "binding");
    entry.bindings.push_back(read_binding(inner));
    reader.merge(inner);
  }
  for (auto left = read_count(reader, max_listed_removals, "removals"); left > 0; --left) {
    Reader inner = reader.sub(reader.u16("removal.size"), "removal");
    entry.removals.push_back(read_removal(inner));
    reader.merge(inner);
  }
  return reader.finish(std::move(entry));
}

}  // namespace carillon::usage
