#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <carillon/ids.hpp>

#include "base/reader.hpp"
#include "base/writer.hpp"

// The presentation language of RFC 6940, 6.3.1, as functions.
//
// A structure NAME of the RFC is a struct NAME with
//   static NAME decode(Reader&);        // reads it; what is wrong makes the reader fail
//   void encode(Writer&) const;         // writes it, the same octets that were read
// Structures that contain stored data take a `const DataModelOf&` as second argument of `decode`
// (see data_model.hpp). Whole inputs go through `decode_whole` and `encode`.
namespace carillon::wire {

/// Decodes `octets`, all of them: octets left over are an error.
template <typename T, typename... Context>
[[nodiscard]] Result<T> decode_whole(ByteView octets, const Context&... context) {
  Reader reader{octets};
  T value = T::decode(reader, context...);
  reader.expect_end("end of structure");
  return reader.finish(std::move(value));
}

template <typename T>
[[nodiscard]] Bytes encode(const T& value) {
  Writer writer;
  value.encode(writer);
  return std::move(writer).take();
}

/// Reads with `read` from exactly the next `length` octets: fewer or more are an error.
template <typename Read>
auto within(Reader& reader, std::size_t length, const char* field, Read&& read) {
  Reader inner = reader.sub(length, field);
  auto value = std::forward<Read>(read)(inner);
  inner.expect_end(field);
  reader.merge(inner);
  return value;
}

/// A length of `width` octets.
[[nodiscard]] std::size_t read_length(Reader& reader, std::size_t width, const char* field);

/// `T field<0..2^(8*width)-1>`, where `read_one` reads a T. Lengths count octets, not elements.
template <typename Read>
auto read_list_of(Reader& reader, std::size_t width, const char* field, Read&& read_one) {
  const std::size_t length = read_length(reader, width, field);
  return within(reader, length, field, [&](Reader& inner) {
    std::vector<decltype(read_one(inner))> list;
    while (!inner.at_end())
      list.push_back(read_one(inner));
    return list;
  });
}

template <typename T, typename... Context>
std::vector<T> read_list(Reader& reader, std::size_t width, const char* field,
                         const Context&... context) {
  return read_list_of(reader, width, field,
                      [&](Reader& inner) { return T::decode(inner, context...); });
}

template <typename T>
void write_list(Writer& writer, std::size_t width, const std::vector<T>& list) {
  writer.sized(width, [&](Writer& inner) {
    for (const T& element : list)
      element.encode(inner);
  });
}

/// `opaque field<0..2^(8*width)-1>`, copied.
[[nodiscard]] Bytes read_opaque(Reader& reader, std::size_t width, const char* field);

/// `Boolean`: one octet, 0 or 1; anything else is an error (6.3.1.1).
[[nodiscard]] bool read_boolean(Reader& reader, const char* field);
inline void write_boolean(Writer& writer, bool value) {
  writer.u8(value ? 1 : 0);
}

/// `NodeId`: 16 octets, no length.
[[nodiscard]] NodeId read_node_id(Reader& reader, const char* field);
inline void write_node_id(Writer& writer, const NodeId& id) {
  writer.bytes(id.bytes());
}

/// `ResourceId`: a length octet, then the octets, at most 254 (6.3.1.1).
[[nodiscard]] ResourceId read_resource_id(Reader& reader, const char* field);
inline void write_resource_id(Writer& writer, const ResourceId& id) {
  writer.opaque8(id.bytes());
}

/// `NodeId field<0..2^16-1>`.
[[nodiscard]] std::vector<NodeId> read_node_ids(Reader& reader, const char* field);
void write_node_ids(Writer& writer, const std::vector<NodeId>& ids);

/// `KindId`: 32 bits; any number, known or not.
[[nodiscard]] inline KindId read_kind_id(Reader& reader, const char* field) {
  return static_cast<KindId>(reader.u32(field));
}
inline void write_kind_id(Writer& writer, KindId kind) {
  writer.u32(static_cast<std::uint32_t>(kind));
}

/// For messages about a value that is not what it must be: "is 0x1b, must be 0x0a".
[[nodiscard]] std::string hex_number(std::uint64_t value);

}  // namespace carillon::wire
