#include <cstring>

#include "base/mapped_file.h"
#include "fixture.h"

namespace flowport::write {
namespace {

ir::ConstantPtr bytes_constant(ir::DType dtype, std::vector<std::int64_t> dims, const std::vector<int>& bytes) {
  std::vector<std::byte> data;
  for (const int each : bytes) data.push_back(static_cast<std::byte>(each));
  return ir::Constant::make(dtype, std::move(dims), Bytes(std::move(data)));
}

/// A model that hands `constant` out.
Builder returning(ir::ConstantPtr constant) {
  Builder builder;
  builder.output(builder.model.add_constant(std::move(constant)), "y");
  return builder;
}

std::vector<std::int64_t> dims_of(const onnx::TensorProto& tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

TEST_F(WriteTest, WritesEveryElementType) {
  for (int type = 1; type <= static_cast<int>(ir::DType::kInt2); ++type) {
    const auto dtype = static_cast<ir::DType>(type);
    if (dtype == ir::DType::kString) continue;
    std::vector<int> bytes(3 * ir::size_of(dtype));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<int>(i % 2);
    Builder builder = returning(bytes_constant(dtype, {3}, bytes));
    builder.model.ir_version = 13;
    builder.model.opsets = {{"", 25}};
    write(builder.model);
    const onnx::ModelProto proto = load();
    ASSERT_EQ(proto.graph().initializer_size(), 1) << type;
    const onnx::TensorProto& tensor = proto.graph().initializer(0);
    EXPECT_EQ(tensor.data_type(), type);
    EXPECT_EQ(dims_of(tensor), std::vector<std::int64_t>{3});
    EXPECT_EQ(tensor.raw_data().size(), (3 * ir::bits_of(dtype) + 7) / 8) << type;
    if (ir::bits_of(dtype) >= 8) {
      EXPECT_EQ(tensor.raw_data()[0], 0);
      EXPECT_EQ(tensor.raw_data()[1], ir::size_of(dtype) * 3 > 1 ? 1 : 0);
    }
  }
}

TEST_F(WriteTest, PacksTwoElementsOfFourBitsToAByte) {
  Builder builder = returning(bytes_constant(ir::DType::kInt4, {5}, {1, 0xFE, 7, 0xF8, 3}));
  write(builder.model);
  EXPECT_EQ(load().graph().initializer(0).raw_data(), "\xE1\x87\x03");
}

TEST_F(WriteTest, PacksFourElementsOfTwoBitsToAByte) {
  Builder builder = returning(bytes_constant(ir::DType::kUint2, {6}, {0, 1, 2, 3, 3, 2}));
  builder.model.ir_version = 13;
  builder.model.opsets = {{"", 25}};
  write(builder.model);
  EXPECT_EQ(load().graph().initializer(0).raw_data(), "\xE4\x0B");
}

TEST_F(WriteTest, PacksAcrossPiecesOfAPendingView) {
  constexpr std::int64_t kRows = 2999;
  constexpr std::int64_t kColumns = 3001;
  std::vector<std::byte> data(static_cast<std::size_t>(kRows * kColumns));
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 7 % 16);
  const auto at = [&](std::int64_t column, std::int64_t row) {
    return std::to_integer<unsigned>(data[static_cast<std::size_t>(row * kColumns + column)]);
  };
  std::string expected;
  unsigned low = 0;
  for (std::int64_t i = 0; i < kRows * kColumns; ++i) {
    const unsigned value = at(i / kRows, i % kRows);
    if (i % 2 == 0) low = value;
    if (i % 2 == 1) expected += static_cast<char>(low | value << 4);
  }
  expected += static_cast<char>(low);
  const std::int64_t perm[] = {1, 0};
  Builder builder = returning(ir::Constant::make(ir::DType::kUint4, {kRows, kColumns}, Bytes(data))->transposed(perm));
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(dims_of(proto.graph().initializer(0)), (std::vector<std::int64_t>{kColumns, kRows}));
  EXPECT_TRUE(proto.graph().initializer(0).raw_data() == expected);
}

TEST_F(WriteTest, WritesStringsScalarsAndEmptyTensors) {
  Builder builder;
  builder.output(builder.model.add_constant(ir::Constant::make_strings({2}, {"", std::string("a\0b", 3)})), "strings");
  builder.output(builder.model.add_constant(ir::Constant::int_scalar(-1)), "scalar");
  builder.output(builder.model.add_constant(ir::Constant::floats({0, 3}, {})), "empty");
  builder.output(builder.model.add_constant(ir::Constant::make_strings({0}, {})), "no_strings");
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().initializer_size(), 4);
  const onnx::TensorProto& strings = proto.graph().initializer(0);
  ASSERT_EQ(strings.string_data_size(), 2);
  EXPECT_EQ(strings.string_data(1), std::string("a\0b", 3));
  EXPECT_FALSE(strings.has_raw_data());
  EXPECT_EQ(proto.graph().initializer(1).dims_size(), 0);
  EXPECT_EQ(proto.graph().initializer(1).raw_data(), std::string(8, '\xFF'));
  EXPECT_EQ(dims_of(proto.graph().initializer(2)), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(proto.graph().initializer(2).raw_data(), "");
  EXPECT_EQ(proto.graph().initializer(3).string_data_size(), 0);
}

TEST_F(WriteTest, WritesPendingViewsInTheirOwnOrder) {
  const std::vector<float> source = {1, 2, 3, 4, 5, 6};
  const std::int64_t perm[] = {1, 0};
  Builder builder = returning(ir::Constant::floats({2, 3}, source)->transposed(perm)->scaled(1, {10, 100}));
  write(builder.model);
  const std::vector<float> expected = {10, 400, 20, 500, 30, 600};
  const std::string raw = load().graph().initializer(0).raw_data();
  ASSERT_EQ(raw.size(), expected.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(raw.data(), expected.data(), raw.size()), 0);
}

TEST_F(WriteTest, WritesEqualSmallConstantsOnce) {
  Builder builder;
  const auto x = builder.input("x");
  const auto a = builder.node("Add", {x, builder.floats({1, 2})});
  const auto b = builder.node("Mul", {a, builder.floats({1, 2}, "two")});
  const auto c = builder.node("Sub", {b, builder.floats({1, -2})});
  const auto d =
      builder.node("Div", {c, builder.model.add_constant(ir::Constant::floats({1, 2}, std::vector{1.F, 2.F}))});
  builder.output(d, "y");
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().initializer_size(), 3);
  EXPECT_EQ(proto.graph().initializer(0).name(), "two") << "a given name is better than none";
  EXPECT_EQ(proto.graph().node(0).input(1), "two");
  EXPECT_EQ(proto.graph().node(1).input(1), "two");
}

TEST_F(WriteTest, KeepsZeroAndMinusZeroAndStringsApart) {
  Builder builder;
  const auto x = builder.input("x");
  const auto a = builder.node("Add", {x, builder.floats({0, 1})});
  builder.output(builder.node("Add", {a, builder.floats({-0.0F, 1})}), "y");
  builder.output(builder.model.add_constant(ir::Constant::make_strings({2}, {"ab", "c"})), "s");
  builder.output(builder.model.add_constant(ir::Constant::make_strings({2}, {"a", "bc"})), "t");
  write(builder.model);
  EXPECT_EQ(load().graph().initializer_size(), 4);
}

TEST_F(WriteTest, WritesTheSameViewOfALargeWeightOnce) {
  Builder builder;
  const ir::ConstantPtr weight = Builder::weight_constant(900, 0)->reshaped({30, 30});
  const std::int64_t perm[] = {1, 0};
  ir::ValueId value = builder.input("x", {30, 30});
  for (const ir::ConstantPtr& each : {weight, weight->reshaped({30, 30}), weight->transposed(perm),
                                      weight->transposed(perm), weight->scaled(0, std::vector<float>(30, 2))}) {
    value = builder.node("MatMul", {value, builder.model.add_constant(each)});
  }
  builder.output(value, "y");
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().initializer_size(), 3);
  EXPECT_EQ(proto.graph().node(0).input(1), proto.graph().node(1).input(1));
  EXPECT_EQ(proto.graph().node(2).input(1), proto.graph().node(3).input(1));
}

TEST_F(WriteTest, WritesOnlyConstantsThatAreUsed) {
  Builder builder;
  builder.weight(5000, 1, "unused");
  builder.output(builder.node("Relu", {builder.input("x")}), "y");
  EXPECT_EQ(write(builder.model).initializers, 0U);
  EXPECT_EQ(load().graph().initializer_size(), 0);
}

TEST_F(WriteTest, DoesNotWriteAConstantThatANodeMakes) {
  Builder builder;
  const auto y = builder.node("Shape", {builder.input("x")}, nullptr, 0, ir::DType::kInt64);
  builder.model.values[y].constant = ir::Constant::ints(std::vector{2L});
  builder.output(builder.node("Neg", {y}, nullptr, 0, ir::DType::kInt64), "y");
  write(builder.model);
  EXPECT_EQ(load().graph().initializer_size(), 0);
}

TEST_F(WriteTest, WritesWeightsFromAMappedFile) {
  std::string content(100'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 % 251);
  std::ofstream(folder_ / "weights", std::ios::binary) << content;
  const auto file = MappedFile::open(folder_ / "weights");
  ASSERT_TRUE(file);
  const auto bytes = Bytes::of_file(*file, (*file)->bytes().subspan(3, 80'000));
  Builder builder = returning(ir::Constant::make(ir::DType::kFloat, {20'000}, bytes));
  write(builder.model);
  EXPECT_TRUE(load().graph().initializer(0).raw_data() == content.substr(3, 80'000));
}

}  // namespace
}  // namespace flowport::write
