#include "base/reader.hpp"

#include <gtest/gtest.h>

#include "base/writer.hpp"

namespace carillon {
namespace {

TEST(Reader, ReadsWhatTheWriterWrote) {
  Writer writer;
  writer.u8(1);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090a);
  writer.u64(0x0b0c0d0e0f101112);
  writer.opaque16(as_bytes("carillon"));
  const Bytes octets = std::move(writer).take();

  Reader reader{octets};
  EXPECT_EQ(reader.u8("a"), 1);
  EXPECT_EQ(reader.u16("b"), 0x0203);
  EXPECT_EQ(reader.u24("c"), 0x040506U);
  EXPECT_EQ(reader.u32("d"), 0x0708090aU);
  EXPECT_EQ(reader.u64("e"), 0x0b0c0d0e0f101112U);
  EXPECT_EQ(as_text(reader.opaque16("f")), "carillon");
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.failed());
}

TEST(Reader, SaysWhichFieldBrokeAndWhere) {
  const Bytes octets{0, 5, 1, 2};
  Reader reader{octets};
  EXPECT_TRUE(reader.opaque16("name").empty());
  EXPECT_EQ(reader.u32("later"), 0U);
  ASSERT_TRUE(reader.failed());
  EXPECT_EQ(reader.error().message(), "malformed: name at offset 2: needs 5 octets, 2 left");
}

TEST(Reader, OffsetsOfAnInnerReaderCountFromTheOuterStart) {
  const Bytes octets{9, 9, 0, 1, 7};
  Reader reader{octets};
  (void)reader.u16("skip");
  Reader inner = reader.sub(3, "inner");
  (void)inner.u32("too wide");
  reader.merge(inner);
  ASSERT_TRUE(reader.failed());
  EXPECT_EQ(reader.error().offset, 2U);
}

TEST(Writer, SizedPatchesTheLength) {
  Writer writer;
  writer.sized(2, [](Writer& body) { body.u24(0xabcdef); });
  EXPECT_EQ(std::move(writer).take(), (Bytes{0, 3, 0xab, 0xcd, 0xef}));
}

}  // namespace
}  // namespace carillon
