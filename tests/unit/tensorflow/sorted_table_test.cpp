#include "tensorflow/sorted_table.h"

#include "table_writer.h"
#include "tensorflow/snappy.h"

namespace flowport::tf {
namespace {

using test::block;
using test::Entries;
using test::table;
using test::TableWriter;

class SortedTableTest : public test::ScratchFolder {
 protected:
  Result<Entries> read(const std::string& text) const {
    const auto file = MappedFile::open(file_with("table", text));
    if (!file) return tl::make_unexpected(file.error());
    Entries entries;
    auto done = read_sorted_table(**file, [&](std::string_view key, ByteSpan value) {
      entries.emplace_back(key, as_text(value));
      return key != "stop";
    });
    if (!done) return tl::make_unexpected(done.error());
    return entries;
  }

  std::string what_is_wrong_with(const std::string& text) const { return test::problem_of(read(text)).what; }
};

TEST_F(SortedTableTest, GivesAllEntries) {
  TableWriter writer;
  const std::string first = writer.add(block({{"", "header"}, {"a", "1"}}));
  const std::string second = writer.add(block({{"b", "2"}, {"c", ""}}));
  const auto entries = read(writer.finish({{"a", first}, {"c", second}}));
  ASSERT_TRUE(entries) << entries.error().what;
  EXPECT_EQ(*entries, (Entries{{"", "header"}, {"a", "1"}, {"b", "2"}, {"c", ""}}));
}

TEST_F(SortedTableTest, StopsWhenAsked) { EXPECT_EQ(read(table({{"a", "1"}, {"stop", "2"}, {"z", "3"}}))->size(), 2U); }

TEST_F(SortedTableTest, UndoesSharedPrefixes) {
  using test::varint;
  std::string entries = varint(0) + varint(5) + varint(1) + "layer" + "1";
  entries += varint(5) + varint(2) + varint(1) + "/b" + "2";
  entries += varint(6) + varint(1) + varint(0) + "c";
  TableWriter writer;
  const std::string handle = writer.add(entries + test::raw<std::uint32_t>(0) + test::raw<std::uint32_t>(1));
  EXPECT_EQ(*read(writer.finish({{"layer/c", handle}})), (Entries{{"layer", "1"}, {"layer/b", "2"}, {"layer/c", ""}}));
}

TEST_F(SortedTableTest, ReadsSnappyBlocks) {
  TableWriter writer;
  const std::string handle = writer.add(test::snappy_literals(block({{"a", std::string(500, 'x')}})), '\1');
  EXPECT_EQ(*read(writer.finish({{"a", handle}})), (Entries{{"a", std::string(500, 'x')}}));
}

TEST_F(SortedTableTest, RefusesWhatIsNoTable) {
  EXPECT_EQ(what_is_wrong_with("short"), "the file is too short for a checkpoint index");
  EXPECT_EQ(what_is_wrong_with(std::string(100, 'x')), "the file is not a checkpoint index: its last bytes are wrong");
  EXPECT_EQ(what_is_wrong_with(std::string(40, '\xff') + test::raw<std::uint64_t>(0xDB4775248B80FB57U)),
            "the footer is malformed");
}

TEST_F(SortedTableTest, RefusesHandlesThatLie) {
  using test::varint;
  for (const std::string& handle :
       {varint(0) + varint(1'000'000), varint(1'000'000) + varint(1), varint(UINT64_MAX) + varint(1),
        varint(1) + varint(UINT64_MAX), varint(UINT64_MAX) + varint(UINT64_MAX)}) {
    EXPECT_NE(what_is_wrong_with(TableWriter().finish_with(handle)).find("outside of the file"), std::string::npos);
    EXPECT_NE(what_is_wrong_with(TableWriter().finish({{"a", handle}})).find("outside of the file"), std::string::npos);
  }
  EXPECT_EQ(what_is_wrong_with(TableWriter().finish({{"a", "\x80"}})), "the index block is malformed");
}

TEST_F(SortedTableTest, RefusesTheSameBlockTwice) {
  TableWriter writer;
  const std::string handle = writer.add(block({{"a", "1"}}));
  EXPECT_EQ(what_is_wrong_with(writer.finish({{"a", handle}, {"b", handle}})), "the index block is malformed");
}

TEST_F(SortedTableTest, RefusesMalformedBlocks) {
  using test::raw;
  using test::varint;
  const auto with_block = [](const std::string& stored, char compression = '\0') {
    TableWriter writer;
    const std::string handle = writer.add(stored, compression);
    return writer.finish({{"z", handle}});
  };
  const std::string restarts = raw<std::uint32_t>(0) + raw<std::uint32_t>(1);
  EXPECT_NE(what_is_wrong_with(with_block("abc")).find("cut short"), std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block(raw<std::uint32_t>(9))).find("malformed"), std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block(raw<std::uint32_t>(UINT32_MAX))).find("malformed"), std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block(varint(3) + varint(1) + varint(0) + "a" + restarts)).find("malformed"),
            std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block(varint(0) + varint(9) + varint(0) + "a" + restarts)).find("malformed"),
            std::string::npos);
  EXPECT_NE(
      what_is_wrong_with(with_block(varint(0) + varint(1) + varint(UINT64_MAX) + "a" + restarts)).find("malformed"),
      std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block(block({{"a", ""}}), '\7')).find("unknown compression 7"), std::string::npos);
  EXPECT_NE(what_is_wrong_with(with_block("\xff\xff", '\1')).find("compressed block"), std::string::npos);
  EXPECT_EQ(what_is_wrong_with(table({{"b", ""}, {"a", ""}})), "the keys of the index do not ascend");
  EXPECT_EQ(what_is_wrong_with(table({{"a", ""}, {"a", ""}})), "the keys of the index do not ascend");
}

TEST_F(SortedTableTest, RefusesAChangedByte) {
  const std::string good = table({{"key", "value"}});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    const auto entries = read(bad);
    // Only the metaindex, which is not read, and the padding of the footer may change without notice.
    if (entries) {
      EXPECT_EQ(*entries, (Entries{{"key", "value"}}));
    }
  }
}

TEST_F(SortedTableTest, RefusesKeysWithoutEnd) {
  using test::varint;
  std::string entries = varint(0) + varint(1 << 20) + varint(0) + std::string(1 << 20, 'k');
  for (int i = 0; i < 1000; ++i)
    entries += varint((1 << 20) + static_cast<std::uint64_t>(i)) + varint(1) + varint(0) + "k";
  TableWriter writer;
  const std::string handle = writer.add(entries + test::raw<std::uint32_t>(0) + test::raw<std::uint32_t>(1));
  const auto file = MappedFile::open(file_with("table", writer.finish({{"z", handle}})));
  const auto done = read_sorted_table(**file, [](std::string_view, ByteSpan) { return true; });
  EXPECT_EQ(test::problem_of(done).what, "the keys of the index take more than 256 MiB");
}

std::optional<std::string> decompressed(const std::string& text, std::size_t most = 1000) {
  const auto plain = snappy_decompress(std::as_bytes(std::span(text)), most);
  if (!plain) return std::nullopt;
  return std::string(as_text(*plain));
}

TEST(Snappy, Decompresses) {
  using namespace std::string_literals;
  EXPECT_EQ(decompressed("\x00"s), "");
  EXPECT_EQ(decompressed("\x03\x08"
                         "abc"s),
            "abc");
  EXPECT_EQ(decompressed("\x07\x08"
                         "abc"
                         "\x01\x03"s),
            "abcabca");  // one-byte offset
  EXPECT_EQ(decompressed("\x0a\x00"
                         "a"
                         "\x22\x01\x00"s),
            std::string(10, 'a'));  // two-byte offset, overlapping
  EXPECT_EQ(decompressed("\x06\x08"
                         "abc"
                         "\x0b\x03\x00\x00\x00"s),
            "abcabc");                                                                        // four-byte offset
  EXPECT_EQ(decompressed("\x46\xf0\x45"s + std::string(70, 'x')), std::string(70, 'x'));      // length in one byte
  EXPECT_EQ(decompressed("\x46\xf4\x45\x00"s + std::string(70, 'x')), std::string(70, 'x'));  // in two bytes
}

TEST(Snappy, RefusesWhatIsMalformed) {
  using namespace std::string_literals;
  const std::vector<std::string> cases = {
      ""s,
      "\x80"s,  // no length
      "\x03\x08"
      "ab"s,  // literal cut short
      "\x02\x08"
      "abc"s,  // more than was promised
      "\x04\x08"
      "abc"s,  // less than was promised
      "\x07\x08"
      "abc"
      "\x01"s,  // no offset
      "\x07\x08"
      "abc"
      "\x01\x04"s,  // offset before the start
      "\x07\x08"
      "abc"
      "\x01\x00"s,  // offset 0
      "\x05\x08"
      "abc"
      "\x01\x03"s,  // copies too much
      "\x06\x08"
      "abc"
      "\x0b\xff\xff\xff\xff"s,
      "\x04\xfc\xff\xff\xff\xff"
      "abcd"s,  // literal of 4 GiB
      "\xff\xff\xff\xff\x0f\x00"
      "a"s,  // promises 4 GiB
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"
      "a"s,
  };
  for (const std::string& text : cases) EXPECT_EQ(decompressed(text), std::nullopt) << testing::PrintToString(text);
  EXPECT_EQ(decompressed("\x03\x08"
                         "abc"s,
                         2),
            std::nullopt);
}

TEST(Crc32c, IsCastagnolis) {
  const std::string text = "123456789";
  const ByteSpan bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(crc32c(bytes), 0xE3069283U);
  EXPECT_EQ(crc32c(bytes.subspan(4), crc32c(bytes.first(4))), 0xE3069283U);
  EXPECT_EQ(masked(0), 0xA282EAD8U);
}

}  // namespace
}  // namespace flowport::tf
