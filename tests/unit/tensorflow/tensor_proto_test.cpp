#include "tensorflow/tensor_proto.h"

#include <cstring>
#include <limits>

#include "models.h"

namespace flowport::tf {
namespace {

Result<Tensor> decode(std::string_view text) {
  proto::TensorProto proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &proto)) << text;
  return decode_tensor(proto, nullptr, "here");
}

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

TEST(TensorProto, RepeatsTheLastValue) {
  const auto tensor =
      decode("dtype: DT_FLOAT tensor_shape { dim { size: 2 } dim { size: 2 } } float_val: 1 float_val: 2.5");
  EXPECT_EQ(values<float>(tensor), (std::vector<float>{1, 2.5, 2.5, 2.5}));
  EXPECT_EQ(tensor->dims, (std::vector<std::int64_t>{2, 2}));
}

TEST(TensorProto, MakesZerosOfNothing) {
  EXPECT_EQ(values<std::int64_t>(decode("dtype: DT_INT64 tensor_shape { dim { size: 3 } }")),
            (std::vector<std::int64_t>{0, 0, 0}));
  EXPECT_EQ(decode("dtype: DT_STRING tensor_shape { dim { size: 2 } }")->strings, (std::vector<std::string>{"", ""}));
}

TEST(TensorProto, ReadsEveryKindOfValue) {
  const std::string two = " tensor_shape { dim { size: 2 } } ";
  EXPECT_EQ(values<double>(decode("dtype: DT_DOUBLE" + two + "double_val: [1, -2]")), (std::vector<double>{1, -2}));
  EXPECT_EQ(values<std::int32_t>(decode("dtype: DT_INT32" + two + "int_val: [1, -2]")),
            (std::vector<std::int32_t>{1, -2}));
  EXPECT_EQ(values<std::int16_t>(decode("dtype: DT_INT16" + two + "int_val: [1, -2]")),
            (std::vector<std::int16_t>{1, -2}));
  EXPECT_EQ(values<std::uint16_t>(decode("dtype: DT_UINT16" + two + "int_val: [1, 65535]")),
            (std::vector<std::uint16_t>{1, 65535}));
  EXPECT_EQ(values<std::int8_t>(decode("dtype: DT_INT8" + two + "int_val: [1, -2]")),
            (std::vector<std::int8_t>{1, -2}));
  EXPECT_EQ(values<std::uint8_t>(decode("dtype: DT_QUINT8" + two + "int_val: [1, 255]")),
            (std::vector<std::uint8_t>{1, 255}));
  EXPECT_EQ(values<std::int8_t>(decode("dtype: DT_INT4" + two + "int_val: [7, -8]")),
            (std::vector<std::int8_t>{7, -8}));
  EXPECT_EQ(values<std::uint8_t>(decode("dtype: DT_BOOL" + two + "bool_val: [true, false]")),
            (std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(values<std::uint32_t>(decode("dtype: DT_UINT32" + two + "uint32_val: [1, 4294967295]")),
            (std::vector<std::uint32_t>{1, 4294967295}));
  EXPECT_EQ(values<std::uint64_t>(decode("dtype: DT_UINT64" + two + "uint64_val: [1, 2]")),
            (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(values<std::uint16_t>(decode("dtype: DT_HALF" + two + "half_val: [15360, 16384]")),
            (std::vector<std::uint16_t>{15360, 16384}));
  EXPECT_EQ(values<std::uint16_t>(decode("dtype: DT_BFLOAT16" + two + "half_val: 16256")),
            (std::vector<std::uint16_t>{16256, 16256}));
  EXPECT_EQ(values<std::uint8_t>(decode("dtype: DT_FLOAT8_E4M3FN" + two + "float8_val: '8\\377'")),
            (std::vector<std::uint8_t>{0x38, 0xff}));
  EXPECT_EQ(values<float>(decode("dtype: DT_COMPLEX64" + two + "scomplex_val: [1, 2, 3, 4]")),
            (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values<double>(decode("dtype: DT_COMPLEX128" + two + "dcomplex_val: [1, 2]")),
            (std::vector<double>{1, 2, 1, 2}));
  EXPECT_EQ(decode("dtype: DT_STRING" + two + "string_val: ['a', '\\000b']")->strings,
            (std::vector<std::string>{"a", std::string("\0b", 2)}));
  EXPECT_EQ(decode("dtype: DT_STRING tensor_shape { dim { size: 3 } } string_val: 'a'")->strings,
            (std::vector<std::string>{"a", "a", "a"}));
}

TEST(TensorProto, TakesContentAsItIs) {
  const auto tensor = decode("dtype: DT_INT16 tensor_shape { dim { size: 2 } } tensor_content: '\\001\\000\\377\\377'");
  EXPECT_EQ(values<std::int16_t>(tensor), (std::vector<std::int16_t>{1, -1}));
  const auto strings = decode("dtype: DT_STRING tensor_shape { dim { size: 2 } } tensor_content: '\\001\\002abc'");
  EXPECT_EQ(strings->strings, (std::vector<std::string>{"a", "bc"}));
}

TEST(TensorProto, TakesReferencesAndEmptyTensors) {
  EXPECT_EQ(decode("dtype: DT_FLOAT_REF tensor_shape { } float_val: 1")->dtype, DataType::kFloat);
  const auto empty = decode("dtype: DT_FLOAT tensor_shape { dim { size: 0 } dim { size: 9223372036854775807 } }");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->bytes.size(), 0U);
}

TEST(TensorProto, RefusesWhatDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"dtype: DT_FLOAT tensor_shape { dim { size: -1 } }", "impossible shape [-1]"},
      {"dtype: DT_FLOAT tensor_shape { dim { size: 4294967296 } dim { size: 4294967296 } }", "impossible shape"},
      {"dtype: DT_FLOAT tensor_shape { unknown_rank: true }", "no shape"},
      {"dtype: DT_FLOAT tensor_shape { dim { size: 2 } } tensor_content: 'abc'", "needs 8 bytes but has 3"},
      {"dtype: DT_RESOURCE tensor_shape { }", "dtype resource cannot"},
      {"dtype: DT_INVALID tensor_shape { }", "dtype invalid cannot"},
      {"tensor_shape { }", "dtype invalid cannot"},
      {"dtype: DT_FLOAT tensor_shape { dim { size: 600000000 } } float_val: 1", "more than 2 GiB"},
      {"dtype: DT_STRING tensor_shape { dim { size: 600000000 } } string_val: 'x'", "more than 2 GiB"},
      {"dtype: DT_DOUBLE tensor_shape { dim { size: 4611686018427387904 } }", "2^63"},
      {"dtype: DT_STRING tensor_shape { dim { size: 2 } } tensor_content: '\\001\\005abc'", "does not fit"},
      {"dtype: DT_STRING tensor_shape { dim { size: 2 } } tensor_content: '\\001\\001abc'", "does not fit"},
      {"dtype: DT_STRING tensor_shape { dim { size: 999999999999 } } tensor_content: 'abc'", "does not fit"},
  };
  for (const auto& [text, what] : cases) {
    const Problem problem = test::problem_of(decode(text));
    EXPECT_NE(problem.what.find(what), std::string::npos) << text << ": " << problem.what;
    EXPECT_EQ(problem.where, "here");
    EXPECT_EQ(problem.fault, Fault::kModel);
  }
}

TEST(ElementCount, DoesNotOverflow) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{kMost, 1}), kMost);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{kMost, 2}), std::nullopt);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{kMost, kMost, 0}), 0);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{0, -1}), std::nullopt);
}

}  // namespace
}  // namespace flowport::tf
