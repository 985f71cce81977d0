#include "tensorflow/wire.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flowport::tf {
namespace {

using namespace std::string_literals;

ByteSpan bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(WireReader, GivesFieldsInOrder) {
  const std::string message = "\x08\x96\x01"s +
                              "\x12\x03"
                              "abc"s +
                              "\x1d\x01\x02\x03\x04"s +
                              "\x21"
                              "12345678"s;
  WireReader reader(bytes(message));
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field().number, 1U);
  EXPECT_EQ(reader.field().type, WireType::kVarint);
  EXPECT_EQ(reader.field().varint, 150U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field().number, 2U);
  EXPECT_EQ(as_text(reader.field().bytes), "abc");
  EXPECT_EQ(as_text(reader.field().whole),
            "\x12\x03"
            "abc");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field().type, WireType::kFixed32);
  EXPECT_EQ(reader.field().bytes.size(), 4U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field().type, WireType::kFixed64);
  EXPECT_EQ(as_text(reader.field().bytes), "12345678");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.failed());
}

TEST(WireReader, FailsOnWhatIsCutShortOrMalformed) {
  const std::vector<std::string> cases = {
      "\x08"s,                                      // no value
      "\x08\x80"s,                                  // varint goes on
      "\x08"s + std::string(10, '\x80') + "\x01"s,  // varint of 11 bytes
      "\x12\x04"
      "abc"s,                                           // says 4, has 3
      "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // says 2^64 - 1
      "\x1d\x01\x02"s,                                  // fixed32 of 2 bytes
      "\x21"
      "1234567"s,   // fixed64 of 7 bytes
      "\x0b"s,      // a group
      "\x02\x00"s,  // field number 0
      "\x0e\x00"s,  // wire type 6
  };
  for (const std::string& text : cases) {
    WireReader reader(bytes(text));
    EXPECT_FALSE(reader.next()) << testing::PrintToString(text);
    EXPECT_TRUE(reader.failed()) << testing::PrintToString(text);
    EXPECT_FALSE(reader.next());
  }
}

TEST(Varint, TakesTheLargest) {
  const std::string text = std::string(9, '\xff') +
                           "\x01"
                           "rest";
  ByteSpan rest = bytes(text);
  std::uint64_t value = 0;
  ASSERT_TRUE(take_varint(rest, value));
  EXPECT_EQ(value, UINT64_MAX);
  EXPECT_EQ(as_text(rest), "rest");
}

}  // namespace
}  // namespace flowport::tf
