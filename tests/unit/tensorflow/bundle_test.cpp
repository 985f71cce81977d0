#include "tensorflow/bundle.h"

#include <cstring>

#include "table_writer.h"
#include "tensorflow/tensor_slice.h"

namespace flowport::tf {
namespace {

using test::entry;
using test::header;
using test::table;

template <typename T>
std::vector<T> values(const Result<Tensor>& tensor) {
  if (!tensor) {
    ADD_FAILURE() << tensor.error().what;
    return {};
  }
  std::vector<T> result(tensor->bytes.size() / sizeof(T));
  std::memcpy(result.data(), tensor->bytes.data(), result.size() * sizeof(T));
  return result;
}

class BundleTest : public test::ScratchFolder {
 protected:
  std::unique_ptr<Bundle> bundle(test::Entries entries, std::string_view data = {}, int shards = 1) {
    entries.insert(entries.begin(), {"", header(shards)});
    file_with("ckpt.index", table(entries));
    file_with("ckpt.data-00000-of-0000" + std::to_string(shards), data);
    auto opened = Bundle::open(folder() / "ckpt");
    if (!opened) throw std::runtime_error(opened.error().what);
    return std::move(*opened);
  }

  std::string what_is_wrong_with(std::string_view entry_text, std::string_view data = "12345678") {
    return test::problem_of(bundle({{"v", entry(entry_text)}}, data)->read("v")).what;
  }
};

TEST_F(BundleTest, GivesViewsOfTheShard) {
  const auto checkpoint = bundle({{"v", entry("dtype: DT_INT16 shape { dim { size: 2 } } offset: 2 size: 4")}},
                                 std::string("\1\0\2\0\3\0", 6));
  EXPECT_TRUE(checkpoint->has("v"));
  EXPECT_FALSE(checkpoint->has("w"));
  const auto tensor = checkpoint->read("v");
  EXPECT_EQ(values<std::int16_t>(tensor), (std::vector<std::int16_t>{2, 3}));
  EXPECT_EQ(tensor->dtype, DataType::kInt16);
  EXPECT_EQ(tensor->dims, std::vector<std::int64_t>{2});
  EXPECT_NE(tensor->bytes.file(), nullptr);
}

TEST_F(BundleTest, ReadsStrings) {
  const auto checkpoint =
      bundle({{"v", entry("dtype: DT_STRING shape { dim { size: 2 } } size: 9")}}, std::string("\1\2"
                                                                                               "crc!"
                                                                                               "abc",
                                                                                               9));
  EXPECT_EQ(checkpoint->read("v")->strings, (std::vector<std::string>{"a", "bc"}));
}

TEST_F(BundleTest, NamesWhatIsNear) {
  const auto checkpoint = bundle({{"kernel", entry("dtype: DT_INT16 shape { }")}});
  const Problem problem = test::problem_of(checkpoint->read("kernal"));
  EXPECT_EQ(problem.what, "the checkpoint has no tensor 'kernal'");
  EXPECT_EQ(problem.next, "did you mean 'kernel'?");
  EXPECT_FALSE(checkpoint->read(""));
}

TEST_F(BundleTest, RefusesEntriesThatLie) {
  const auto lies = [this](std::string_view text) {
    return what_is_wrong_with(text).find("lie outside") != std::string::npos;
  };
  EXPECT_TRUE(lies("dtype: DT_INT8 shape { dim { size: 9 } } size: 9"));
  EXPECT_TRUE(lies("dtype: DT_INT8 shape { dim { size: 1 } } size: 1 offset: 8"));
  EXPECT_TRUE(lies("dtype: DT_INT8 shape { dim { size: 1 } } size: 1 offset: -1"));
  EXPECT_TRUE(lies("dtype: DT_INT8 shape { dim { size: 1 } } size: -1"));
  EXPECT_TRUE(lies("dtype: DT_INT8 shape { dim { size: 1 } } size: 9223372036854775807 offset: 9223372036854775807"));
  EXPECT_EQ(what_is_wrong_with("dtype: DT_INT16 shape { dim { size: 4 } } size: 6"),
            "a int16 tensor of shape [4] cannot have 6 bytes");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_INT16 shape { dim { size: 4 } } size: 7"),
            "a int16 tensor of shape [4] cannot have 7 bytes");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_DOUBLE shape { dim { size: 2305843009213693953 } } size: 8"),
            "a float64 tensor of shape [2305843009213693953] cannot have 8 bytes");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_INT8 shape { dim { size: -8 } } size: 8"),
            "shape [-8] of dtype int8 cannot be read");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_VARIANT shape { } size: 8"), "shape [] of dtype variant cannot be read");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_INT8 shape { } size: 1 shard_id: 1"), "the index names shard 1 of 1");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_INT8 shape { } size: 1 shard_id: -1"), "the index names shard -1 of 1");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_STRING shape { dim { size: 2 } } size: 8"), "its strings are malformed");
  EXPECT_EQ(what_is_wrong_with("dtype: DT_STRING shape { dim { size: 999999999999 } } size: 8"),
            "its strings are malformed");
  EXPECT_EQ(test::problem_of(bundle({{"v", "\x0a\x7f"}})->read("v")).what, "the index entry is malformed");
}

TEST_F(BundleTest, NamesAMissingShard) {
  const auto checkpoint = bundle({{"v", entry("dtype: DT_INT8 shape { } size: 1 shard_id: 1")}}, "x", 2);
  EXPECT_EQ(test::problem_of(checkpoint->read("v")).where, (folder() / "ckpt.data-00001-of-00002").string());
}

TEST_F(BundleTest, RefusesABadHeader) {
  const auto what = [this](const test::Entries& entries) {
    file_with("ckpt.index", table(entries));
    return test::problem_of(Bundle::open(folder() / "ckpt")).what;
  };
  EXPECT_EQ(what({{"", test::wire<proto::BundleHeaderProto>("num_shards: 1 endianness: BIG")}}),
            "the checkpoint is big-endian");
  EXPECT_EQ(what({{"", test::wire<proto::BundleHeaderProto>("num_shards: -1")}}),
            "the header of the checkpoint index is malformed");
  EXPECT_EQ(what({{"", "\x0a\x7f"}}), "the header of the checkpoint index is malformed");
  EXPECT_EQ(what({{"a", ""}}), "the checkpoint index has no header");
  EXPECT_EQ(what({}), "the checkpoint index has no header");
}

constexpr std::string_view kRows = R"(dtype: DT_INT8 shape { dim { size: 3 } dim { size: 2 } }
    slices { extent { start: 1 length: 2 } extent { } } slices { extent { length: 1 } extent { } })";
const Slice kFirstRow = {{0, 1}, {0, Extent::kWhole}};
const Slice kOtherRows = {{1, 2}, {0, Extent::kWhole}};

class SlicedBundleTest : public BundleTest {
 protected:
  std::unique_ptr<Bundle> rows(int first_at, int others_at, std::string_view data, std::string_view whole = kRows) {
    test::Entries entries = {
        {slice_key("v", kFirstRow),
         entry("dtype: DT_INT8 shape { dim { size: 1 } dim { size: 2 } } size: 2 offset: " + std::to_string(first_at))},
        {slice_key("v", kOtherRows), entry("dtype: DT_INT8 shape { dim { size: 2 } dim { size: 2 } } size: 4 offset: " +
                                           std::to_string(others_at))},
        {"v", entry(whole)}};
    return bundle(entries, data);
  }
};

TEST_F(SlicedBundleTest, RowsThatFollowEachOtherAreAView) {
  const auto tensor = rows(1, 3, "_abcdef")->read("v");
  EXPECT_EQ(values<char>(tensor), (std::vector<char>{'a', 'b', 'c', 'd', 'e', 'f'}));
  EXPECT_NE(tensor->bytes.file(), nullptr);
}

TEST_F(SlicedBundleTest, OtherwiseTheyAreCopied) {
  const auto tensor = rows(4, 0, "cdefab")->read("v");
  EXPECT_EQ(values<char>(tensor), (std::vector<char>{'a', 'b', 'c', 'd', 'e', 'f'}));
  EXPECT_EQ(tensor->bytes.file(), nullptr);
}

TEST_F(SlicedBundleTest, PartsAreFoundByTheirSpec) {
  const auto checkpoint = rows(0, 2, "abcdef");
  EXPECT_EQ(values<char>(checkpoint->read("v", "3 2 1,2:-")), (std::vector<char>{'c', 'd', 'e', 'f'}));
  EXPECT_EQ(values<char>(checkpoint->read("v", "3 2 0,2:1,1")), (std::vector<char>{'b', 'd'}));
  EXPECT_EQ(checkpoint->read("v", "3 2 0,2:1,1")->dims, (std::vector<std::int64_t>{2, 1}));
  for (const char* spec : {"3 2 0,4:-", "3 3 0,1:-", "3 2 0,1", "3 2 x", "nonsense", "3 2 -1,1:-", "3 2 0,-1:-",
                           "3 2 9223372036854775807,1:-"}) {
    EXPECT_FALSE(checkpoint->read("v", spec)) << spec;
  }
}

TEST_F(SlicedBundleTest, RefusesSlicesThatDoNotMakeUpTheWhole) {
  const std::string shape = "dtype: DT_INT8 shape { dim { size: 3 } dim { size: 2 } } ";
  const std::string first = "slices { extent { length: 1 } extent { } } ";
  const std::string others = "slices { extent { start: 1 length: 2 } extent { } } ";
  const auto what = [&](const std::string& whole) {
    return test::problem_of(rows(0, 2, "abcdef", whole)->read("v")).what;
  };
  EXPECT_EQ(what(shape + first), "the slices do not make up the whole");
  EXPECT_EQ(what(shape + first + first + others), "the slices do not make up the whole");
  EXPECT_EQ(what(shape + "slices { extent { start: 2 length: 1 } extent { } }"), "a slice of the tensor is missing");
  EXPECT_EQ(what("dtype: DT_INT8 shape { dim { size: 2 } dim { size: 2 } } " + first + others),
            "a slice does not fit the whole");
  EXPECT_EQ(what("dtype: DT_INT16 shape { dim { size: 3 } dim { size: 2 } } " + first + others),
            "a slice does not fit the whole");
  EXPECT_EQ(what("dtype: DT_INT8 shape { dim { size: 6 } } " + first + others), "a slice does not fit the whole");
  EXPECT_NE(what("dtype: DT_STRING shape { dim { size: 6 } } " + first).find("cannot be put together"),
            std::string::npos);
  EXPECT_NE(what("dtype: DT_INT8 shape { dim { size: -6 } } " + first).find("cannot be put together"),
            std::string::npos);
}

TEST(TensorSlice, KeysAreAsTensorFlowWritesThem) {
  using namespace std::string_literals;
  EXPECT_EQ(slice_key("a", {{0, 2}, {0, Extent::kWhole}}), "\0a\0\1\1\2\x80\x82\x80\x7f"s);
  EXPECT_EQ(slice_key("\0\xff"s, {}), "\0\0\xff\xff\0\0\1\0"s);
  // 63 fits one byte, 64 and 8191 two, 8192 three.
  EXPECT_EQ(slice_key("", {{63, 64}}), "\0\0\1\1\1\xbf\xc0\x40"s);
  EXPECT_EQ(slice_key("", {{8191, 8192}}), "\0\0\1\1\1\xdf\xff\xe0\x20\x00"s);
  EXPECT_EQ(slice_key("", {{0, INT64_MAX}}), "\0\0\1\1\1\x80\xff\xc0\x7f\xff\xff\xff\xff\xff\xff\xff"s);
}

TEST(TensorSlice, CopiesBlocksOutAndIn) {
  const std::vector<std::int64_t> dims = {2, 3, 4};
  const Slice slice = {{0, 2}, {1, 2}, {2, 1}};
  std::string whole = "abcdefghijklmnopqrstuvwx";
  std::string part(4, '_');
  copy_out(std::as_bytes(std::span(whole)), dims, slice, 1, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "gksw");
  part = "1234";
  copy_in(std::as_writable_bytes(std::span(whole)), dims, slice, 1, std::as_bytes(std::span(part)));
  EXPECT_EQ(whole, "abcdef1hij2lmnopqr3tuv4x");
}

TEST(TensorSlice, CopiesScalarsAndNothing) {
  std::string whole = "ab", part = "__";
  copy_out(std::as_bytes(std::span(whole)), {}, {}, 2, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "ab");
  const std::vector<std::int64_t> dims = {2, 0};
  copy_out({}, dims, {{0, 2}, {0, 0}}, 1, {});
}

}  // namespace
}  // namespace flowport::tf
