#include "tensorflow/op_table.h"

#include <string>

#include "models.h"
#include "tensorflow/op_args.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

ByteSpan bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(OpTable, KnowsTensorFlowsOps) {
  const OpTable table;
  const auto* conv = table.find("Conv2D");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->name(), "Conv2D");
  EXPECT_EQ(conv->input_arg(1).name(), "filter");
  EXPECT_EQ(table.find("Conv2D"), conv);
  EXPECT_EQ(find_attr({}, conv, "data_format")->s(), "NHWC");
  EXPECT_EQ(find_attr({}, conv, "dilations")->list().i_size(), 4);
  EXPECT_EQ(find_attr({}, conv, "padding"), nullptr);
  EXPECT_EQ(table.find("Conv2d"), nullptr);
  EXPECT_EQ(table.find(""), nullptr);
  EXPECT_TRUE(table.find("VarHandleOp")->is_stateful());
}

TEST(OpTable, EveryEntryIsAnOp) {
  using namespace std::string_view_literals;
  constexpr std::pair<std::string_view, std::string_view> kEntries[] = {
#include "tensorflow/op_table.inc"
  };
  const OpTable table;
  for (const auto& [name, text] : kEntries) {
    ASSERT_NE(table.find(name), nullptr) << name;
    EXPECT_EQ(table.find(name)->name(), name);
  }
  EXPECT_GT(std::size(kEntries), 1500U);
}

TEST(OpTable, AddedOpsComeFirstAndTheFirstOfThemWins) {
  const std::string first =
      test::wire<proto::OpList>(R"(op { name: "Relu" output_arg { name: "mine" type: DT_FLOAT } })");
  const std::string second = test::wire<proto::OpList>(R"(op { name: "Relu" } op { name: "Own" is_stateful: true })");
  OpTable table;
  EXPECT_TRUE(table.add(bytes(first)));
  EXPECT_TRUE(table.add(bytes(second)));
  EXPECT_EQ(table.find("Relu")->output_arg(0).name(), "mine");
  EXPECT_EQ(table.built_in("Relu")->output_arg(0).name(), "activations");
  EXPECT_TRUE(table.find("Own")->is_stateful());
  EXPECT_EQ(table.built_in("Own"), nullptr);
}

TEST(OpTable, RefusesAMalformedList) {
  OpTable table;
  EXPECT_FALSE(
      table.add(bytes("\x0a\x7f"
                      "x")));
}

TEST(OpTable, AMalformedOpIsAsIfItWereNotThere) {
  const std::string list = std::string("\x0a\x08\x0a\x04Relu\x12\x7f", 10);
  OpTable table;
  EXPECT_TRUE(table.add(bytes(list)));
  EXPECT_EQ(table.find("Relu"), table.built_in("Relu"));
}

proto::NodeDef node_of(std::string_view text) {
  proto::NodeDef node;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &node));
  return node;
}

TEST(OpArgs, ExpandNumbersAndLists) {
  const OpTable table;
  const auto concat = node_of(R"(attr { key: "N" value { i: 3 } } attr { key: "T" value { type: DT_HALF } })");
  const auto* op = table.find("ConcatV2");
  EXPECT_EQ(arg_range(concat, *op, Side::kInputs, "values"), std::pair(0, 3));
  EXPECT_EQ(arg_range(concat, *op, Side::kInputs, "axis"), std::pair(3, 1));
  EXPECT_EQ(arg_range(concat, *op, Side::kInputs, "nothing"), std::nullopt);
  EXPECT_EQ(arg_total(concat, *op, Side::kInputs), 4);
  EXPECT_EQ(arg_type(concat, *op, Side::kInputs, 2), DataType::kHalf);
  EXPECT_EQ(arg_type(concat, *op, Side::kInputs, 3), DataType::kInt32);
  EXPECT_EQ(arg_type(concat, *op, Side::kInputs, 4), DataType::kInvalid);

  const auto call = node_of(R"(attr { key: "Tin" value { list { } } }
                               attr { key: "Tout" value { list { type: DT_BOOL type: DT_FLOAT_REF } } })");
  const auto* partitioned = table.find("PartitionedCall");
  EXPECT_EQ(arg_total(call, *partitioned, Side::kInputs), 0);
  EXPECT_EQ(arg_total(call, *partitioned, Side::kOutputs), 2);
  EXPECT_EQ(arg_type(call, *partitioned, Side::kOutputs, 0), DataType::kBool);
  EXPECT_EQ(arg_type(call, *partitioned, Side::kOutputs, 1), DataType::kFloat);
}

TEST(OpArgs, AreUnknownWhereACountIsMissingOrAbsurd) {
  const OpTable table;
  const auto* op = table.find("ConcatV2");
  for (const char* text : {"", R"(attr { key: "N" value { i: -1 } })", R"(attr { key: "N" value { i: 2147483648 } })",
                           R"(attr { key: "N" value { i: 9223372036854775807 } })"}) {
    EXPECT_EQ(arg_total(node_of(text), *op, Side::kInputs), std::nullopt) << text;
    EXPECT_EQ(arg_range(node_of(text), *op, Side::kInputs, "axis"), std::nullopt) << text;
    EXPECT_EQ(arg_type(node_of(text), *op, Side::kInputs, 1), DataType::kInvalid) << text;
  }
  EXPECT_EQ(arg_total(node_of(R"(attr { key: "N" value { i: 2147483647 } })"), *op, Side::kInputs), std::nullopt);
}

TEST(DataTypes, HaveNamesAndSizes) {
  EXPECT_EQ(name_of(DataType::kBfloat16), "bfloat16");
  EXPECT_EQ(name_of(static_cast<DataType>(101)), "float32");
  EXPECT_EQ(name_of(static_cast<DataType>(77)), "unknown");
  EXPECT_EQ(name_of(static_cast<DataType>(-1)), "unknown");
  EXPECT_EQ(size_of(DataType::kComplex128), 16U);
  EXPECT_EQ(size_of(DataType::kInt4), 1U);
  EXPECT_EQ(size_of(DataType::kString), 0U);
  EXPECT_EQ(size_of(static_cast<DataType>(99)), 0U);
}

}  // namespace
}  // namespace flowport::tf
